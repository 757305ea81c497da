"""nova-compute for emulated guests.

Nova turns on Hyper-V enlightenments for every os_type=windows guest, and libvirt refuses to start one without KVM ("host doesn't
support hyperv 'vpindex' feature"). Here they are left out; whatever else os_type=windows means, such as the clock, stays.
"""
import sys

from nova.cmd.compute import main
from nova.virt.libvirt.driver import LibvirtDriver

features_of_nova = LibvirtDriver._set_features
clock_of_nova = LibvirtDriver._set_clock


def features_without_hyperv(driver, guest, os_type, *rest, **named):
    return features_of_nova(driver, guest, None if os_type == 'windows' else os_type, *rest, **named)


def clock_without_hyperv(driver, guest, *rest, **named):
    clock_of_nova(driver, guest, *rest, **named)
    guest.clock.timers = [timer for timer in guest.clock.timers if timer.name != 'hypervclock']


if __name__ == '__main__':
    LibvirtDriver._set_features = features_without_hyperv
    LibvirtDriver._set_clock = clock_without_hyperv
    sys.argv[0] = 'nova-compute'
    sys.exit(main())
