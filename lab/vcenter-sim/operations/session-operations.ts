import { serviceContent } from '../properties/service-content.js';
import { toUserSession } from '../sessions.js';
import type { MoRef } from '../soap/value.js';
import { VimFault } from '../soap/vim-fault.js';
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
  SessionIsActive: {
    on: 'SessionManager',
    privilege: 'Sessions.ValidateSession',
    result: one('boolean'),
    run: ({ vcenter, fields }) => {
      const { sessionID, userName } = fields as { sessionID: string; userName: string };
      return vcenter.sessions.all().some(({ key, account }) => key === sessionID && account.name === userName);
    },
  },
  HasPrivilegeOnEntities: { on: 'AuthorizationManager', result: many('EntityPrivilege'), run: hasPrivileges },
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

function hasPrivileges({ vcenter, fields }: Call) {
  const { entity, sessionId, privId } = fields as unknown as { entity: MoRef[]; sessionId: string; privId?: string[] };
  const session = vcenter.sessions.all().find(({ key }) => key === sessionId);
  if (session === undefined) throw new VimFault('InvalidArgument', { invalidProperty: 'sessionId' });
  const denied = new Set(session.account.deniedPrivileges);
  return entity.map((ref) => ({
    $type: 'EntityPrivilege',
    entity: ref,
    privAvailability: (privId ?? []).map((id) => ({ $type: 'PrivilegeAvailability', privId: id, isGranted: !denied.has(id) })),
  }));
}
