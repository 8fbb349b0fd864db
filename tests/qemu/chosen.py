"""Lines chosen by hand: QEMU's own list, and values as people write them."""


def _lines(text: str) -> list[str]:
    """Return the lines of a text, which are parted by its ends of lines or by |."""
    return [line for row in text.strip().splitlines() for line in row.split(" | ")]


SMOKE = _lines("""
announce_self | boot_set ndc | chardev-add null,id=testchardev1
chardev-send-break testchardev1 | chardev-change testchardev1 ringbuf
chardev-remove testchardev1 | commit all | cpu 0 | device_add ?
device_add usb-mouse,id=mouse1 | drive_add ignored format=help | mouse_button 7
mouse_move 10 10 | mouse_button 0 | device_del mouse1
dump-guest-memory /dev/null 0 4096 | dump-guest-memory /dev/null | gdbserver
gdbserver none | gva2gpa 0 | hostfwd_add tcp::43210-:43210
hostfwd_remove tcp::43210-:43210 | i /w 0 | log all | log none
memsave 0 4096 "/dev/null" | migrate_set_parameter xbzrle-cache-size 64k
migrate_set_parameter downtime-limit 1 | migrate_set_parameter max-bandwidth 1
netdev_add user,id=net1 | set_link net1 off | set_link net1 on | netdev_del net1 | nmi
o /w 0 0x1234 | object_add memory-backend-ram,id=mem1,size=256M | object_del mem1
one-insn-per-tb on | singlestep on | pmemsave 0 4096 "/dev/null" | p $pc + 8
qom-list / | qom-set /machine initrd test | qom-get /machine initrd
screendump /dev/null | sendkey x | wavcapture /dev/null | stopcapture 0 | sum 0 512
x /8i 0x100 | xp /16x 0
""")
"""What QEMU tries its own monitor with, on each of its machines (its test-hmp)."""

VALUES = _lines("""
balloon 64 | info balloon | balloon 32+16 | balloon 0x20 | balloon 1.5
block_resize d0 66 | block_resize d0 67108864B | block_resize d0 65536k
block_resize d0 0.0625G | block_resize d0 1e3 | block_resize d0 1E | info block d0
migrate_set_parameter max-bandwidth 1 | migrate_set_parameter max-bandwidth 1B
migrate_set_parameter max-bandwidth 1.5G | migrate_set_parameter downtime-limit 300
migrate_set_parameter xbzrle-cache-size 64M | migrate_set_parameter xbzrle-cache-size 3
migrate_set_parameter tls-creds a | migrate_set_parameter tls-creds ""
migrate_set_parameter multifd-compression zlib | migrate_set_parameter mode nope
migrate_set_parameter block-bitmap-mapping x | info migrate_parameters
migrate_set_capability xbzrle on | info migrate_capabilities
block_set_io_throttle d0 0 1000 2000 0 30 40 | block_set_io_throttle vb0 1 0 0 1 0 0
block_set_io_throttle d0 1 1 0 0 0 0 | info block d0
change cd0 raw.img | info block cd0 | eject cd0 | change cd0 raw.img raw
change cd0 raw.img qcow2 | change cd0 raw.img raw read-only | info block cd0
change cd0 raw.img raw nope | change -f cd0 raw.img | change cd0 -f raw.img raw
change cd0 nope.img | change nope raw.img | eject -f cd0 | info block cd0
change vnc password letmein | change vnc passwd x | change vnc nope
change vnc password a read-only | set_password vnc letmein | info vnc
set_password vnc letmein fail | set_password vnc letmein nope
set_password vnc letmein -d default keep | set_password spice x | set_password nope x
set_password vnc letmein -d nope | expire_password vnc now | expire_password vnc never
expire_password vnc +30 | expire_password vnc soon | expire_password vnc 99999999999
expire_password vnc now -d default | expire_password spice now
expire_password nope now
drive_add 0 if=none,id=x0,file=raw.img,format=raw,readonly=on | info block x0
drive_add 0 if=none,id=x0,file=raw.img | drive_add 0 id=x1 | drive_add 0 if=nope
drive_add 0 if=none,id=x1,file=nope | drive_add 0 if=none,id=x1,snapshot=maybe
drive_add -n 0 driver=null-co,node-name=y0,size=1M | info block y0
drive_add -n 0 driver=null-co | drive_add -n 0 driver=nope,node-name=y1
drive_add -n 0 driver=raw,node-name=y1,file.driver=file,file.filename=extra.img,read-only=on
drive_add -n 0 node-name=y2
drive_add -n 0 driver=null-co,node-name=y2,read-zeroes=on,nope=1 | info block -n
drive_del x0 | drive_del y0 | drive_del nope | drive_del d0x | info block
device_add virtio-blk-pci,drive=y1,id=b1,serial=a,,b,bus=rp0 | info block y1
device_add driver=usb-mouse,id=m1 | device_add usb-tablet,id=t1,serial=7,port=4
device_add usb-mouse,id=m1 | device_add virtio-net-pci,netdev=nope
device_add usb-storage,drive=n1 | device_del m1 | device_del t1
savevm "é€" | info snapshots | delvm "é€"
info snapshots | savevm one | savevm one | info status | loadvm one | loadvm nope
delvm nope | delvm one | delvm one | info snapshots | snapshot_blkdev_internal d0 inner
snapshot_blkdev_internal d0 inner | snapshot_delete_blkdev_internal d0 inner
snapshot_delete_blkdev_internal d0 x | snapshot_blkdev d0
snapshot_blkdev d0 over.qcow2 | info block d0 | snapshot_blkdev -n d0 nope.qcow2
snapshot_blkdev d0 over2.qcow2 nope
block_stream d0 | info block-jobs | info block d0 | block_stream d0 1M nope
drive_mirror d0 mirror.qcow2 | info block-jobs | block_job_complete d0
drive_mirror -n d0 nope.qcow2 | drive_mirror d0 m2.raw raw | block_job_cancel d0
drive_backup d0 backup.qcow2 | drive_backup -n d0 backup.qcow2 | info block d0
drive_backup -f -c d0 full.qcow2 qcow2 | block_job_pause d0 | commit d0 | commit all
commit nope | block_job_set_speed d0 1
pmemsave 0 0x100 "page" | pmemsave 0 16 /tmp | memsave 0 4096 "page"
pmemsave 0 -1 "page" | memsave 0 4294967552 "page" | pmemsave 1<<4 1 "x"
sendkey ctrl-alt-delete 50 | mouse_move 1 2 3 | mouse_move x 1 | mouse_set 9
chardev-add help | chardev-add ?,id=a | chardev-change rb0 help
chardev-add id | chardev-change rb0 id | p 0b11 | block_job_set_speed nope .5G
block_job_set_speed nope 0x1k | cpu 0b1 | cpu 0 | balloon 0b1000000
migrate_set_capability zero-blocks on | migrate_set_capability zero-blocks off
chardev-add a,b | chardev-change rb0 a,b | chardev-add file,id=x,append
chardev-add null,id=x,server | chardev-add null,id=x,server | chardev-remove x
info rocker-of-dpa-groups sw0 0x109 | info rocker-of-dpa-flows sw0 0xffffffff
trace-event qmp_enter on 0xffffffff | trace-event qmp_* on
info trace-events qmp_* | trace-event nope on
trace-event qmp_* off | watchdog_action Pause | p 7&3+1 | p /d 1-2*3 | p 1/0 | p /c 65
p /o 8 | p /u -1 | p /x -1 | p 'a | p $nope | p 5 % 3 * 2 | p ~0 | gdbserver none
gdbserver nope:1 | log nope | boot_set x | xp /2hx 0xffff0 | hostfwd_add nope tcp::1-:1
hostfwd_add net0 x | hostfwd_add unix:- | hostfwd_remove net0 tcp::9 | logfile
qom-get /machine nonexistent | cpu -1 | cpu 9 | cpu x | cpu | info nope | nope | infox
info  status
""")
"""Values, units and side effects: balloons, sizes, migration, media, passwords, options
in key=value form, snapshots, jobs, files, numbers."""

REGISTERS = _lines("""
info registers | info registers -a | info registers 1 | info registers 7
p $pc | p $sp | p $lr | p $nip | p $msr | p $r3 | p $f0 | p $a0 | p $g1 | p $x0 | p $psw
p $xer | p /d $pc | p $pc + 8 | p ($pc & 0xff) * 2 | x /4i $pc | x /4xw $sp | x /2xg 0
xp /2xg 0 | x /4i 0x100 | xp /2i 0 | x 0x100000000 | x -1 | xp -1 | x /3dh 0 | xp /4ub 0
x /4c 0 | x /1xg 0xfffffffc | sum 0 0x40 | p 0xffffffff + 1 | p -1
""")
"""What depends on the kind of processor: registers, its words, its code, its addresses."""

RUNNING = _lines("""
info status | cont | c | stop | info status | s | cont now | cont
""")
"""What goes on and stands still."""

BEFORE = {
    "target": _lines("""
migrate_incoming nope | migrate_incoming tcp:x | migrate_incoming unix:in
migrate_incoming unix:again | migrate_recover unix:again | info migrate | info status
migrate_set_capability nope on | cont | info status | migrate_cancel | migrate_pause
"""),
    "source": _lines("""
migrate_set_parameter max-bandwidth 4096B | migrate_set_capability events on
migrate_set_capability postcopy-ram on | migrate_set_capability postcopy-ram off
migrate_start_postcopy | migrate_pause | migrate_continue active | info migrate
migrate -d unix:target/in
"""),
}
"""What the ends of a migration are told, up to its begin."""

UNDER_WAY = _lines("""
migrate -d unix:nowhere | migrate_set_capability xbzrle on | migrate_start_postcopy
migrate_continue pre-switchover | migrate_recover unix:x | savevm x | cpu x
migrate_set_parameter max-bandwidth 4000B | migrate_incoming unix:x | migrate_pause
device_add usb-mouse,id=m1 | netdev_add nope,id=n1 | info migrate -a
object_add iothread,id=io1 | object_del io1 | nmi | dump-guest-memory -d x
snapshot_blkdev d0 x.qcow2 | migrate_set_capability events off
""")
"""What a machine is told that is being migrated."""

AFTER = _lines("""
info migrate -a | migrate_cancel | migrate_continue active | migrate_start_postcopy
migrate_incoming unix:x | migrate_recover unix:x | cont | info status | stop
info status | migrate -d unix:nowhere | info migrate | system_reset
""")
"""What both ends are told when it is over."""

STATE = _lines("""
info status | info block -n -v | info block-jobs | info snapshots | info chardev
info network | info iothreads | info memdev | info balloon | info qom-tree /objects
info qom-tree /machine/peripheral | info qtree | info migrate_capabilities
info migrate_parameters | info mice | info vnc | qom-get /objects/io0 poll-max-ns
info trace-events qmp_* | info cpus
""")
"""What tells whether lines have done the same to both machines."""
