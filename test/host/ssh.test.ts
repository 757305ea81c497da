import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sshArgs } from '../../src/host/ssh.js';

const command = 'sh -c true';

describe('the arguments of ssh', () => {
  test('for a claim, with all that can be said of a host', () => {
    const host = { host: 'conv1', user: 'root', port: 2222, identityFile: '/p/keys/conv 1', configFile: '/p/ssh config' };
    const forward = { local: '/run/m/remote-1.sock', remote: '/tmp/migplan-1/s' };
    expect(sshArgs(host, { command, forward }).join('\n')).toMatchInlineSnapshot(`
      "-F
      /p/ssh config
      -o
      BatchMode=yes
      -o
      RequestTTY=no
      -o
      RemoteCommand=none
      -o
      PermitLocalCommand=no
      -o
      ForwardAgent=no
      -o
      ForwardX11=no
      -o
      ControlMaster=no
      -o
      ControlPath=none
      -o
      ConnectTimeout=30
      -o
      ServerAliveInterval=15
      -o
      ServerAliveCountMax=4
      -o
      ExitOnForwardFailure=yes
      -o
      StreamLocalBindMask=0177
      -o
      StreamLocalBindUnlink=yes
      -o
      LogLevel=ERROR
      -l
      root
      -p
      2222
      -i
      /p/keys/conv 1
      -o
      IdentitiesOnly=yes
      -L
      /run/m/remote-1.sock:/tmp/migplan-1/s
      --
      conv1
      sh -c true"
    `);
  });

  test('for a host that the ssh configuration knows', () => {
    const args = sshArgs({ host: 'conv1' }, { command });
    expect(args.filter((_, index) => args[index - 1] !== '-o' && args[index] !== '-o')).toEqual(['--', 'conv1', command]);
  });

  test.each([
    ['an option', { host: '-oProxyCommand=touch /tmp/x' }],
    ['a user before the host', { host: 'root@conv1' }],
    ['a URI', { host: 'ssh://conv1' }],
    ['a shell’s words', { host: 'conv1;reboot' }],
    ['words after the host', { host: 'conv1 reboot' }],
    ['nothing', { host: '' }],
    ['a line end', { host: 'conv1\n' }],
    ['a user that is an option', { host: 'conv1', user: '-oProxyCommand=x' }],
    ['a user for a shell', { host: 'conv1', user: '$(reboot)' }],
  ])('%s is no host', (_name, host) => {
    expect(() => sshArgs(host, { command })).toThrow('was not checked');
  });

  test.each(['/run/a:b', '/run/%h', '/run/$HOME', '/run/a b', 'relative', '/run/a\\b'])('%s is no path of a socket', (local) => {
    expect(() => sshArgs({ host: 'conv1' }, { command, forward: { local, remote: '/tmp/s' } })).toThrow('path of a socket');
  });

  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('-', '--', '-F', '-oX=y', 'a b', "a'b", 'a\nb', 'a%h', '$X'),
  );

  test('whatever is written in a Project: refused, or the host is the one word after the options, and only ours is run', () => {
    fc.assert(
      fc.property(nasty, fc.option(nasty), nasty, nasty, (host, user, key, config) => {
        const plain = sshArgs({ host: 'h', user: 'u', identityFile: '/k', configFile: '/c' }, { command });
        let args: string[];
        try {
          args = sshArgs({ host, user: user ?? 'u', identityFile: `/${key}`, configFile: `/${config}` }, { command });
        } catch (error) {
          expect(String(error)).toContain('was not checked');
          return;
        }
        expect(args.slice(-3)).toEqual(['--', host, command]);
        expect(host).toMatch(/^[\w.:]/);
        // Paths and names stand where values stand, and change nothing else.
        const differing = args.flatMap((arg, index) => (arg === plain[index] ? [] : [args[index - 1]]));
        expect(differing.filter((option) => !['-F', '-l', '-i', '--'].includes(option ?? ''))).toEqual([]);
        expect(args).toHaveLength(plain.length);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});
