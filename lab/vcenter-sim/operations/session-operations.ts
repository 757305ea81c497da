import { demand, has } from '../permissions.js';
import { serviceContent } from '../properties/service-content.js';
import { toUserSession } from '../sessions.js';
import type { MoRef } from '../soap/value.js';
import { notFoundObject, VimFault } from '../soap/vim-fault.js';
import { lineOf } from '../world/inventory-path.js';
import { type Call, many, type Operations, one, sessionOf } from './operation.js';

export const SESSION_OPERATIONS: Operations = {
  RetrieveServiceContent: {
    on: 'ServiceInstance',
    isOpen: true,
    result: one('ServiceContent'),
    run: ({ vcenter, session, setCookie }) => {
      if (session === undefined) setCookie(vcenter.sessions.newCookie());
      return serviceContent(vcenter);
    },
  },
  CurrentTime: { on: 'ServiceInstance', result: one('dateTime'), run: ({ vcenter }) => vcenter.clock.now() },
  Login: { on: 'SessionManager', isOpen: true, result: one('UserSession'), run: login },
  Logout: {
    on: 'SessionManager',
    run: (call) => {
      call.vcenter.sessions.end(sessionOf(call));
      return undefined;
    },
  },
  HasPrivilegeOnEntities: {
    on: 'AuthorizationManager',
    privilege: 'System.View',
    result: many('EntityPrivilege'),
    run: hasPrivileges,
  },
};

/** Logging in on a cookie that is still logged in is refused. */
function login({ vcenter, session, fields, userAgent, setCookie }: Call) {
  const { userName, password, locale } = fields as { userName: string; password: string; locale?: string };
  if (session !== undefined) throw new VimFault('InvalidLogin', {}, 'This session is already logged in.');
  if (locale !== undefined && !/^en(_\w+)?$/.test(locale)) throw new VimFault('InvalidLocale');
  const made = vcenter.sessions.login({ userName, password, userAgent });
  setCookie(made.cookie);
  return toUserSession(made);
}

/** Of a session that does not exist vCenter says that it may do nothing, and not that there is none. */
function hasPrivileges(call: Call) {
  const { world, sessions } = call.vcenter;
  const { entity, sessionId, privId } = call.fields as unknown as { entity: MoRef[]; sessionId: string; privId?: string[] };
  for (const on of entity) {
    if (lineOf(world, on).length === 0) throw notFoundObject(on);
    demand(world, sessionOf(call).account, { on, privilege: 'System.Read' });
  }
  const account = sessions.all().find(({ key }) => key === sessionId)?.account;
  return entity.map((on) => ({
    $type: 'EntityPrivilege',
    entity: on,
    privAvailability: (privId ?? []).map((privilege) => ({
      $type: 'PrivilegeAvailability',
      privId: privilege,
      isGranted: account !== undefined && has(world, account, { on, privilege }),
    })),
  }));
}
