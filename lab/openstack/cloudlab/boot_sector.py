"""The smallest guest: one sector of 16-bit code that prints a line on COM1 and sleeps."""

LINE = 'MIGPLAN-BOOT-OK'
LOAD_ADDRESS = 0x7C00
SECTOR_BYTES = 512

TEXT_OFFSET = 40


def boot_sector():
    """The 512 bytes, ending in the signature the BIOS looks for."""
    program = bytes((
        0xFA,              # cli
        0x31, 0xC0,        # xor ax, ax
        0x8E, 0xD8,        # mov ds, ax
        0x8E, 0xD0,        # mov ss, ax
        0xBC, 0x00, 0x7C,  # mov sp, 0x7c00
        0xFB,              # sti
        0xFC,              # cld
        0xBE, *(LOAD_ADDRESS + TEXT_OFFSET).to_bytes(2, 'little'),  # mov si, text
        0xAC,              # next: lodsb
        0x84, 0xC0,        # test al, al
        0x74, 0x11,        # jz stop
        0x88, 0xC4,        # mov ah, al
        0xBA, 0xFD, 0x03,  # mov dx, 0x3fd  (line status of COM1)
        0xEC,              # wait: in al, dx
        0xA8, 0x20,        # test al, 0x20  (transmitter empty?)
        0x74, 0xFB,        # jz wait
        0x88, 0xE0,        # mov al, ah
        0xB2, 0xF8,        # mov dl, 0xf8  (data register)
        0xEE,              # out dx, al
        0xEB, 0xEA,        # jmp next
        0xF4,              # stop: hlt
        0xEB, 0xFD,        # jmp stop
    ))
    text = f'\r\n{LINE}\r\n\0'.encode('ascii')
    return (program.ljust(TEXT_OFFSET, b'\0') + text).ljust(SECTOR_BYTES - 2, b'\0') + b'\x55\xaa'
