#!/usr/bin/env python3
"""denied.py CALL[,CALL...] PROGRAM ARGUMENT...: run a program on a kernel that
seems not to have these system calls (prctl:N only with that first argument)."""

import ctypes
import errno
import os
import sys


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int),
                ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def main():
    lib = ctypes.CDLL("libseccomp.so.2")
    lib.seccomp_init.restype = ctypes.c_void_p
    lib.seccomp_init.argtypes = [ctypes.c_uint32]
    lib.seccomp_load.argtypes = [ctypes.c_void_p]
    lib.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int,
                                           ctypes.c_uint, ctypes.POINTER(Compare)]
    allow, refuse = 0x7fff0000, 0x00050000 | errno.ENOSYS
    f = lib.seccomp_init(allow)
    for name in sys.argv[1].split(","):
        name, _, first = name.partition(":")
        compare = (Compare * 1)(Compare(0, 4, int(first or 0), 0))  # argument 0 equals
        call = lib.seccomp_syscall_resolve_name(name.encode())
        if call < 0 or lib.seccomp_rule_add_array(f, refuse, call, bool(first), compare) != 0:
            sys.exit("denied.py: no rule for " + name)
    if lib.seccomp_load(f) != 0:
        sys.exit("denied.py: the filter was not taken")
    os.execv(sys.argv[2], sys.argv[2:])


main()
