# fmt: off
# ruff: noqa: E501
"""The types of machines' replies and events, from the schemas of QEMU and our own machine.

Written by `python -m hmp.qapi replies`. `hmp.qmp.shapes` reads the three texts, a line for
each name, which load ten times as fast as dicts; for type checkers the stub beside this
module has a TypedDict for each type.
"""

COMMANDS = """\
add-fd AddfdInfo
add_client {}
announce-self {}
balloon {}
block-commit {}
block-dirty-bitmap-add {}
block-dirty-bitmap-clear {}
block-dirty-bitmap-disable {}
block-dirty-bitmap-enable {}
block-dirty-bitmap-merge {}
block-dirty-bitmap-remove {}
block-export-add {}
block-export-del {}
block-job-cancel {}
block-job-change {}
block-job-complete {}
block-job-dismiss {}
block-job-finalize {}
block-job-pause {}
block-job-resume {}
block-job-set-speed {}
block-latency-histogram-set {}
block-set-write-threshold {}
block-stream {}
block_resize {}
block_set_io_throttle {}
blockdev-add {}
blockdev-backup {}
blockdev-change-medium {}
blockdev-close-tray {}
blockdev-create {}
blockdev-del {}
blockdev-insert-medium {}
blockdev-mirror {}
blockdev-open-tray {}
blockdev-remove-medium {}
blockdev-reopen {}
blockdev-set-active {}
blockdev-snapshot {}
blockdev-snapshot-delete-internal-sync SnapshotInfo
blockdev-snapshot-internal-sync {}
blockdev-snapshot-sync {}
calc-dirty-rate {}
cancel-vcpu-dirty-limit {}
change-backing-file {}
change-vnc-password {}
chardev-add ChardevReturn
chardev-change ChardevReturn
chardev-remove {}
chardev-send-break {}
client_migrate_info {}
closefd {}
cont {}
cxl-add-dynamic-capacity {}
cxl-inject-correctable-error {}
cxl-inject-dram-event {}
cxl-inject-general-media-event {}
cxl-inject-memory-module-event {}
cxl-inject-poison {}
cxl-inject-uncorrectable-errors {}
cxl-release-dynamic-capacity {}
device-list-properties [ObjectPropertyInfo]
device-sync-config {}
device_add {}
device_del {}
display-reload {}
display-update {}
drive-backup {}
drive-mirror {}
dump-guest-memory {}
dump-skeys {}
dumpdtb {}
eject {}
expire_password {}
get-win32-socket {}
getfd {}
guest-exec GuestExec
guest-exec-status GuestExecStatus
guest-file-close {}
guest-file-flush {}
guest-file-open int
guest-file-read GuestFileRead
guest-file-seek GuestFileSeek
guest-file-write GuestFileWrite
guest-fsfreeze-freeze int
guest-fsfreeze-freeze-list int
guest-fsfreeze-status str
guest-fsfreeze-thaw int
guest-fstrim GuestFilesystemTrimResponse
guest-get-cpustats [GuestCpuStats]
guest-get-devices [GuestDeviceInfo]
guest-get-disks [GuestDiskInfo]
guest-get-diskstats [GuestDiskStatsInfo]
guest-get-fsinfo [GuestFilesystemInfo]
guest-get-host-name GuestHostName
guest-get-load GuestLoadAverage
guest-get-memory-block-info GuestMemoryBlockInfo
guest-get-memory-blocks [GuestMemoryBlock]
guest-get-osinfo GuestOSInfo
guest-get-time int
guest-get-timezone GuestTimezone
guest-get-users [GuestUser]
guest-get-vcpus [GuestLogicalProcessor]
guest-info GuestAgentInfo
guest-network-get-interfaces [GuestNetworkInterface]
guest-network-get-route [GuestNetworkRoute]
guest-ping {}
guest-set-memory-blocks [GuestMemoryBlockResponse]
guest-set-time {}
guest-set-user-password {}
guest-set-vcpus int
guest-shutdown {}
guest-ssh-add-authorized-keys {}
guest-ssh-get-authorized-keys GuestAuthorizedKeys
guest-ssh-remove-authorized-keys {}
guest-suspend-disk {}
guest-suspend-hybrid {}
guest-suspend-ram {}
guest-sync int
guest-sync-delimited int
hello-world {}
human-monitor-command str
inject-ghes-v2-error {}
inject-nmi {}
input-send-event {}
job-cancel {}
job-complete {}
job-dismiss {}
job-finalize {}
job-pause {}
job-resume {}
memsave {}
migrate {}
migrate-continue {}
migrate-incoming {}
migrate-pause {}
migrate-recover {}
migrate-set-capabilities {}
migrate-set-parameters {}
migrate-start-postcopy {}
migrate_cancel {}
nbd-server-add {}
nbd-server-remove {}
nbd-server-start {}
nbd-server-stop {}
netdev_add {}
netdev_del {}
object-add {}
object-del {}
pmemsave {}
qmp_capabilities {}
qom-get any
qom-list [ObjectPropertyInfo]
qom-list-get [QomListGet]
qom-list-properties [ObjectPropertyInfo]
qom-list-types [ObjectTypeInfo]
qom-set {}
query-accelerators QueryAccelerators
query-acpi-ospm-status [ACPIOSTInfo]
query-alarm-clock AlarmClock
query-alarm-methods [AlarmMethod]
query-audiodevs [Audiodev]
query-balloon BalloonInfo
query-block [BlockInfo]
query-block-exports [BlockExportInfo]
query-block-jobs [BlockJobInfo]
query-blockstats [BlockStats]
query-chardev [ChardevInfo]
query-chardev-backends [ChardevBackendInfo]
query-colo-status COLOStatus
query-command-line-options [CommandLineOptionInfo]
query-commands [CommandInfo]
query-cpu-definitions [CpuDefinitionInfo]
query-cpu-model-baseline CpuModelBaselineInfo
query-cpu-model-comparison CpuModelCompareInfo
query-cpu-model-expansion CpuModelExpansionInfo
query-cpus-fast [CpuInfoFast]
query-cryptodev [QCryptodevInfo]
query-current-machine CurrentMachineParams
query-dirty-rate DirtyRateInfo
query-display-options DisplayOptions
query-dump DumpQueryResult
query-dump-guest-memory-capability DumpGuestMemoryCapability
query-events [EventInfo]
query-fdsets [FdsetInfo]
query-firmware-log QueryFirmwareLog
query-gic-capabilities [GICCapability]
query-hotpluggable-cpus [HotpluggableCPU]
query-hv-balloon-status-report HvBalloonInfo
query-iothreads [IOThreadInfo]
query-jobs [JobInfo]
query-kvm KvmInfo
query-machines [MachineInfo]
query-memdev [Memdev]
query-memory-devices [MemoryDeviceInfo]
query-memory-size-summary MemoryInfo
query-mice [MouseInfo]
query-migrate MigrationInfo
query-migrate-capabilities [MigrationCapabilityStatus]
query-migrate-parameters MigrationParameters
query-migrationthreads [MigrationThreadInfo]
query-name NameInfo
query-named-block-nodes [BlockDeviceInfo]
query-pci [PciInfo]
query-pr-managers [PRManagerInfo]
query-qmp-schema [SchemaInfo]
query-replay ReplayInfo
query-rocker RockerSwitch
query-rocker-of-dpa-flows [RockerOfDpaFlow]
query-rocker-of-dpa-groups [RockerOfDpaGroup]
query-rocker-ports [RockerPort]
query-rx-filter [RxFilterInfo]
query-s390x-cpu-polarization CpuPolarizationInfo
query-sev SevInfo
query-sev-attestation-report SevAttestationReport
query-sev-capabilities SevCapability
query-sev-launch-measure SevLaunchMeasureInfo
query-sgx SGXInfo
query-sgx-capabilities SGXInfo
query-spice SpiceInfo
query-stats [StatsResult]
query-stats-schemas [StatsSchema]
query-status StatusInfo
query-target TargetInfo
query-tpm [TPMInfo]
query-tpm-models [str]
query-tpm-types [str]
query-uuid UuidInfo
query-vcpu-dirty-limit [DirtyLimitInfo]
query-version VersionInfo
query-vm-generation-id GuidInfo
query-vnc VncInfo
query-vnc-servers [VncInfo2]
query-xen-replication-status ReplicationStatus
query-yank [YankInstance]
quit {}
remove-fd {}
replay-break {}
replay-delete-break {}
replay-seek {}
request-ebpf EbpfObject
ringbuf-read str
ringbuf-write {}
rtc-reset-reinjection {}
screendump {}
send-key {}
set-action {}
set-cpu-topology {}
set-numa-node {}
set-vcpu-dirty-limit {}
set_link {}
set_password {}
sev-inject-launch-secret {}
snapshot-delete {}
snapshot-load {}
snapshot-save {}
stop {}
system_powerdown {}
system_reset {}
system_wakeup {}
trace-event-get-state [TraceEventInfo]
trace-event-set-state {}
transaction {}
watchdog-set-action {}
x-accel-stats XAccelStats
x-blockdev-amend {}
x-blockdev-change {}
x-blockdev-set-iothread {}
x-colo-lost-heartbeat {}
x-debug-block-dirty-bitmap-sha256 BlockDirtyBitmapSha256
x-debug-query-block-graph XDbgBlockGraph
x-exit-preconfig {}
x-query-interrupt-controllers HumanReadableText
x-query-irq HumanReadableText
x-query-jit HumanReadableText
x-query-numa HumanReadableText
x-query-opcount HumanReadableText
x-query-profile HumanReadableText
x-query-ramblock HumanReadableText
x-query-rdma HumanReadableText
x-query-roms HumanReadableText
x-query-usb HumanReadableText
x-query-virtio [VirtioInfo]
x-query-virtio-queue-element VirtioQueueElement
x-query-virtio-queue-status VirtQueueStatus
x-query-virtio-status VirtioStatus
x-query-virtio-vhost-queue-status VirtVhostQueueStatus
xen-colo-do-checkpoint {}
xen-event-inject {}
xen-event-list [EvtchnInfo]
xen-load-devices-state {}
xen-save-devices-state {}
xen-set-global-dirty-log {}
xen-set-replication {}
yank {}
"""
"""The return type of each command."""

EVENTS = """\
ACPI_DEVICE_OST q_obj_ACPI_DEVICE_OST-arg
BALLOON_CHANGE q_obj_BALLOON_CHANGE-arg
BLOCK_EXPORT_DELETED q_obj_BLOCK_EXPORT_DELETED-arg
BLOCK_IMAGE_CORRUPTED q_obj_BLOCK_IMAGE_CORRUPTED-arg
BLOCK_IO_ERROR q_obj_BLOCK_IO_ERROR-arg
BLOCK_JOB_CANCELLED q_obj_BLOCK_JOB_CANCELLED-arg
BLOCK_JOB_COMPLETED q_obj_BLOCK_JOB_COMPLETED-arg
BLOCK_JOB_ERROR q_obj_BLOCK_JOB_ERROR-arg
BLOCK_JOB_PENDING q_obj_BLOCK_JOB_PENDING-arg
BLOCK_JOB_READY q_obj_BLOCK_JOB_READY-arg
BLOCK_WRITE_THRESHOLD q_obj_BLOCK_WRITE_THRESHOLD-arg
COLO_EXIT q_obj_COLO_EXIT-arg
CPU_POLARIZATION_CHANGE q_obj_CPU_POLARIZATION_CHANGE-arg
DEVICE_DELETED q_obj_DEVICE_DELETED-arg
DEVICE_TRAY_MOVED q_obj_DEVICE_TRAY_MOVED-arg
DEVICE_UNPLUG_GUEST_ERROR q_obj_DEVICE_UNPLUG_GUEST_ERROR-arg
DUMP_COMPLETED q_obj_DUMP_COMPLETED-arg
FAILOVER_NEGOTIATED q_obj_FAILOVER_NEGOTIATED-arg
GUEST_CRASHLOADED q_obj_GUEST_CRASHLOADED-arg
GUEST_PANICKED q_obj_GUEST_PANICKED-arg
GUEST_PVSHUTDOWN {}
HV_BALLOON_STATUS_REPORT HvBalloonInfo
JOB_STATUS_CHANGE q_obj_JOB_STATUS_CHANGE-arg
MEMORY_DEVICE_SIZE_CHANGE q_obj_MEMORY_DEVICE_SIZE_CHANGE-arg
MEMORY_FAILURE q_obj_MEMORY_FAILURE-arg
MEM_UNPLUG_ERROR q_obj_MEM_UNPLUG_ERROR-arg
MIGRATION q_obj_MIGRATION-arg
MIGRATION_PASS q_obj_MIGRATION_PASS-arg
NETDEV_STREAM_CONNECTED q_obj_NETDEV_STREAM_CONNECTED-arg
NETDEV_STREAM_DISCONNECTED q_obj_NETDEV_STREAM_DISCONNECTED-arg
NETDEV_VHOST_USER_CONNECTED q_obj_NETDEV_VHOST_USER_CONNECTED-arg
NETDEV_VHOST_USER_DISCONNECTED q_obj_NETDEV_VHOST_USER_DISCONNECTED-arg
NIC_RX_FILTER_CHANGED q_obj_NIC_RX_FILTER_CHANGED-arg
POWERDOWN {}
PR_MANAGER_STATUS_CHANGED q_obj_PR_MANAGER_STATUS_CHANGED-arg
QUORUM_FAILURE q_obj_QUORUM_FAILURE-arg
QUORUM_REPORT_BAD q_obj_QUORUM_REPORT_BAD-arg
RDMA_GID_STATUS_CHANGED q_obj_RDMA_GID_STATUS_CHANGED-arg
RESET q_obj_RESET-arg
RESUME {}
RTC_CHANGE q_obj_RTC_CHANGE-arg
SCLP_CPI_INFO_AVAILABLE {}
SHUTDOWN q_obj_SHUTDOWN-arg
SPICE_CONNECTED q_obj_SPICE_CONNECTED-arg
SPICE_DISCONNECTED q_obj_SPICE_DISCONNECTED-arg
SPICE_INITIALIZED q_obj_SPICE_INITIALIZED-arg
SPICE_MIGRATE_COMPLETED {}
STOP {}
SUSPEND {}
SUSPEND_DISK {}
UNPLUG_PRIMARY q_obj_UNPLUG_PRIMARY-arg
VFIO_MIGRATION q_obj_VFIO_MIGRATION-arg
VFU_CLIENT_HANGUP q_obj_VFU_CLIENT_HANGUP-arg
VNC_CONNECTED q_obj_VNC_CONNECTED-arg
VNC_DISCONNECTED q_obj_VNC_DISCONNECTED-arg
VNC_INITIALIZED q_obj_VNC_INITIALIZED-arg
VSERPORT_CHANGE q_obj_VSERPORT_CHANGE-arg
WAKEUP {}
WATCHDOG q_obj_WATCHDOG-arg
"""
"""The type of each event's data."""

SHAPES = """\
ACPIOSTInfo device?:str slot:str slot-type:str source:int status:int
AddfdInfo fdset-id:int fd:int
AlarmClock clock-name:str next-deadline?:int
AlarmMethod method-name:str current:bool
Audiodev id:str driver:str timer-period?:int driver=none:AudiodevGenericOptions driver=alsa:AudiodevAlsaOptions driver=coreaudio:AudiodevCoreaudioOptions driver=dbus:AudiodevDBusOptions driver=dsound:AudiodevDsoundOptions driver=jack:AudiodevJackOptions driver=oss:AudiodevOssOptions driver=pa:AudiodevPaOptions driver=pipewire:AudiodevPipewireOptions driver=sdl:AudiodevSdlOptions driver=sndio:AudiodevSndioOptions driver=spice:AudiodevGenericOptions driver=wav:AudiodevWavOptions
AudiodevAlsaOptions in?:AudiodevAlsaPerDirectionOptions out?:AudiodevAlsaPerDirectionOptions threshold?:int
AudiodevAlsaPerDirectionOptions mixing-engine?:bool fixed-settings?:bool frequency?:int channels?:int voices?:int format?:str buffer-length?:int dev?:str period-length?:int try-poll?:bool
AudiodevCoreaudioOptions in?:AudiodevCoreaudioPerDirectionOptions out?:AudiodevCoreaudioPerDirectionOptions
AudiodevCoreaudioPerDirectionOptions mixing-engine?:bool fixed-settings?:bool frequency?:int channels?:int voices?:int format?:str buffer-length?:int buffer-count?:int
AudiodevDBusOptions in?:AudiodevPerDirectionOptions out?:AudiodevPerDirectionOptions nsamples?:int
AudiodevDsoundOptions in?:AudiodevPerDirectionOptions out?:AudiodevPerDirectionOptions latency?:int
AudiodevGenericOptions in?:AudiodevPerDirectionOptions out?:AudiodevPerDirectionOptions
AudiodevJackOptions in?:AudiodevJackPerDirectionOptions out?:AudiodevJackPerDirectionOptions
AudiodevJackPerDirectionOptions mixing-engine?:bool fixed-settings?:bool frequency?:int channels?:int voices?:int format?:str buffer-length?:int server-name?:str client-name?:str connect-ports?:str start-server?:bool exact-name?:bool
AudiodevOssOptions in?:AudiodevOssPerDirectionOptions out?:AudiodevOssPerDirectionOptions try-mmap?:bool exclusive?:bool dsp-policy?:int
AudiodevOssPerDirectionOptions mixing-engine?:bool fixed-settings?:bool frequency?:int channels?:int voices?:int format?:str buffer-length?:int dev?:str buffer-count?:int try-poll?:bool
AudiodevPaOptions in?:AudiodevPaPerDirectionOptions out?:AudiodevPaPerDirectionOptions server?:str
AudiodevPaPerDirectionOptions mixing-engine?:bool fixed-settings?:bool frequency?:int channels?:int voices?:int format?:str buffer-length?:int name?:str stream-name?:str latency?:int
AudiodevPerDirectionOptions mixing-engine?:bool fixed-settings?:bool frequency?:int channels?:int voices?:int format?:str buffer-length?:int
AudiodevPipewireOptions in?:AudiodevPipewirePerDirectionOptions out?:AudiodevPipewirePerDirectionOptions
AudiodevPipewirePerDirectionOptions mixing-engine?:bool fixed-settings?:bool frequency?:int channels?:int voices?:int format?:str buffer-length?:int name?:str stream-name?:str latency?:int
AudiodevSdlOptions in?:AudiodevSdlPerDirectionOptions out?:AudiodevSdlPerDirectionOptions
AudiodevSdlPerDirectionOptions mixing-engine?:bool fixed-settings?:bool frequency?:int channels?:int voices?:int format?:str buffer-length?:int buffer-count?:int
AudiodevSndioOptions in?:AudiodevPerDirectionOptions out?:AudiodevPerDirectionOptions dev?:str latency?:int
AudiodevWavOptions in?:AudiodevPerDirectionOptions out?:AudiodevPerDirectionOptions path?:str
BalloonInfo actual:int
BitmapMigrationBitmapAlias name:str alias:str transform?:BitmapMigrationBitmapAliasTransform
BitmapMigrationBitmapAliasTransform persistent?:bool
BitmapMigrationNodeAlias node-name:str alias:str bitmaps:[BitmapMigrationBitmapAlias]
BlockDeviceInfo file:str node-name?:str ro:bool drv:str backing_file?:str backing_file_depth:int encrypted:bool detect_zeroes:str bps:int bps_rd:int bps_wr:int iops:int iops_rd:int iops_wr:int image:ImageInfo bps_max?:int bps_rd_max?:int bps_wr_max?:int iops_max?:int iops_rd_max?:int iops_wr_max?:int bps_max_length?:int bps_rd_max_length?:int bps_wr_max_length?:int iops_max_length?:int iops_rd_max_length?:int iops_wr_max_length?:int iops_size?:int group?:str cache:BlockdevCacheInfo write_threshold:int dirty-bitmaps?:[BlockDirtyInfo] active?:bool
BlockDeviceStats rd_bytes:int wr_bytes:int unmap_bytes:int rd_operations:int wr_operations:int flush_operations:int unmap_operations:int rd_total_time_ns:int wr_total_time_ns:int flush_total_time_ns:int unmap_total_time_ns:int wr_highest_offset:int rd_merged:int wr_merged:int unmap_merged:int idle_time_ns?:int failed_rd_operations:int failed_wr_operations:int failed_flush_operations:int failed_unmap_operations:int invalid_rd_operations:int invalid_wr_operations:int invalid_flush_operations:int invalid_unmap_operations:int account_invalid:bool account_failed:bool timed_stats:[BlockDeviceTimedStats] rd_latency_histogram?:BlockLatencyHistogramInfo wr_latency_histogram?:BlockLatencyHistogramInfo flush_latency_histogram?:BlockLatencyHistogramInfo zone_append_bytes?:int zone_append_operations?:int zone_append_total_time_ns?:int zone_append_merged?:int failed_zone_append_operations?:int invalid_zone_append_operations?:int zone_append_latency_histogram?:BlockLatencyHistogramInfo
BlockDeviceTimedStats interval_length:int min_rd_latency_ns:int max_rd_latency_ns:int avg_rd_latency_ns:int min_wr_latency_ns:int max_wr_latency_ns:int avg_wr_latency_ns:int min_flush_latency_ns:int max_flush_latency_ns:int avg_flush_latency_ns:int avg_rd_queue_depth:number avg_wr_queue_depth:number min_zone_append_latency_ns?:int max_zone_append_latency_ns?:int avg_zone_append_latency_ns?:int avg_zone_append_queue_depth?:number
BlockDirtyBitmapSha256 sha256:str
BlockDirtyInfo name?:str count:int granularity:int recording:bool busy:bool persistent:bool inconsistent?:bool
BlockExportInfo id:str type:str node-name:str shutting-down:bool
BlockInfo device:str qdev?:str type:str removable:bool locked:bool inserted?:BlockDeviceInfo tray_open?:bool io-status?:str
BlockJobInfo type:str device:str len:int offset:int busy:bool paused:bool speed:int io-status:str ready:bool status:str auto-finalize:bool auto-dismiss:bool error?:str actively-synced?:bool
BlockLatencyHistogramInfo boundaries:[int] bins:[int]
BlockStats device?:str qdev?:str node-name?:str stats:BlockDeviceStats driver-specific?:BlockStatsSpecific parent?:BlockStats backing?:BlockStats
BlockStatsSpecific driver:str driver=file:BlockStatsSpecificFile driver=host_device:BlockStatsSpecificFile driver=nvme:BlockStatsSpecificNvme
BlockStatsSpecificFile discard-nb-ok:int discard-nb-failed:int discard-bytes-ok:int
BlockStatsSpecificNvme completion-errors:int aligned-accesses:int unaligned-accesses:int
BlockdevCacheInfo writeback:bool direct:bool no-flush:bool
COLOStatus mode:str last-mode:str reason:str
ChardevBackendInfo name:str
ChardevInfo label:str filename:str frontend-open:bool
ChardevReturn pty?:str
CommandInfo name:str
CommandLineOptionInfo option:str parameters:[CommandLineParameterInfo]
CommandLineParameterInfo name:str type:str help?:str default?:str
CompatProperty qom-type:str property:str value:str
CompressionStats pages:int busy:int busy-rate:number compressed-size:int compression-rate:number
CpuDefinitionInfo name:str migration-safe?:bool static:bool unavailable-features?:[str] typename:str alias-of?:str deprecated?:bool
CpuInfoFast cpu-index:int qom-path:str thread-id:int props?:CpuInstanceProperties target:str target=s390x:CpuInfoS390
CpuInfoS390 cpu-state:str dedicated?:bool entitlement?:str
CpuInstanceProperties node-id?:int socket-id?:int die-id?:int cluster-id?:int core-id?:int thread-id?:int drawer-id?:int book-id?:int module-id?:int
CpuModelBaselineInfo model:CpuModelInfo
CpuModelCompareInfo result:str responsible-properties:[str]
CpuModelExpansionInfo model:CpuModelInfo deprecated-props?:[str]
CpuModelInfo name:str props?:any
CpuPolarizationInfo polarization:str
CurrentMachineParams wakeup-suspend-support:bool
DirtyLimitInfo cpu-index:int limit-rate:int current-rate:int
DirtyRateInfo dirty-rate?:int status:str start-time:int calc-time:int sample-pages?:int mode?:str vcpu-dirty-rate?:[DirtyRateVcpu] calc-time-unit?:str
DirtyRateVcpu id:int dirty-rate:int
DisplayCocoa left-command-key?:bool full-grab?:bool swap-opt-cmd?:bool zoom-to-fit?:bool zoom-interpolation?:bool
DisplayCurses charset?:str
DisplayDBus rendernode?:str addr?:str p2p?:bool audiodev?:str
DisplayEGLHeadless rendernode?:str
DisplayGTK grab-on-hover?:bool zoom-to-fit?:bool show-tabs?:bool show-menubar?:bool
DisplayOptions type:str full-screen?:bool window-close?:bool show-cursor?:bool gl?:str type=gtk:DisplayGTK type=cocoa:DisplayCocoa type=curses:DisplayCurses type=egl-headless:DisplayEGLHeadless type=dbus:DisplayDBus type=sdl:DisplaySDL
DisplaySDL grab-mod?:str
DumpGuestMemoryCapability formats:[str]
DumpQueryResult status:str completed:int total:int
EbpfObject object:str
EventInfo name:str
EvtchnInfo port:int vcpu:int type:str remote-domain:str target:int pending:bool masked:bool
FdsetFdInfo fd:int opaque?:str
FdsetInfo fdset-id:int fds:[FdsetFdInfo]
GICCapability version:int emulated:bool kernel:bool
GuestAgentCommandInfo name:str enabled:bool success-response:bool
GuestAgentInfo version:str supported_commands:[GuestAgentCommandInfo]
GuestAuthorizedKeys keys:[str]
GuestCCWAddress cssid:int ssid:int subchno:int devno:int
GuestCpuStats type:str type=linux:GuestLinuxCpuStats
GuestDeviceId type:str type=pci:GuestDeviceIdPCI
GuestDeviceIdPCI vendor-id:int device-id:int
GuestDeviceInfo driver-name:str driver-date?:int driver-version?:str id?:GuestDeviceId
GuestDiskAddress pci-controller:GuestPCIAddress bus-type:str bus:int target:int unit:int serial?:str dev?:str ccw-address?:GuestCCWAddress
GuestDiskInfo name:str partition:bool dependencies?:[str] address?:GuestDiskAddress alias?:str smart?:GuestDiskSmart
GuestDiskSmart type:str type=nvme:GuestNVMeSmart
GuestDiskStats read-sectors?:int read-ios?:int read-merges?:int write-sectors?:int write-ios?:int write-merges?:int discard-sectors?:int discard-ios?:int discard-merges?:int flush-ios?:int read-ticks?:int write-ticks?:int discard-ticks?:int flush-ticks?:int ios-pgr?:int total-ticks?:int weight-ticks?:int
GuestDiskStatsInfo name:str major:int minor:int stats:GuestDiskStats
GuestExec pid:int
GuestExecStatus exited:bool exitcode?:int signal?:int out-data?:str err-data?:str out-truncated?:bool err-truncated?:bool
GuestFileRead count:int buf-b64:str eof:bool
GuestFileSeek position:int eof:bool
GuestFileWrite count:int eof:bool
GuestFilesystemInfo name:str mountpoint:str type:str used-bytes?:int total-bytes?:int total-bytes-privileged?:int disk:[GuestDiskAddress]
GuestFilesystemTrimResponse paths:[GuestFilesystemTrimResult]
GuestFilesystemTrimResult path:str trimmed?:int minimum?:int error?:str
GuestHostName host-name:str
GuestIpAddress ip-address:str ip-address-type:str prefix:int
GuestLinuxCpuStats cpu:int user:int nice:int system:int idle:int iowait?:int irq?:int softirq?:int steal?:int guest?:int guestnice?:int
GuestLoadAverage load1m:number load5m:number load15m:number
GuestLogicalProcessor logical-id:int online:bool can-offline?:bool
GuestMemoryBlock phys-index:int online:bool can-offline?:bool
GuestMemoryBlockInfo size:int
GuestMemoryBlockResponse phys-index:int response:str error-code?:int
GuestNVMeSmart critical-warning:int temperature:int available-spare:int available-spare-threshold:int percentage-used:int data-units-read-lo:int data-units-read-hi:int data-units-written-lo:int data-units-written-hi:int host-read-commands-lo:int host-read-commands-hi:int host-write-commands-lo:int host-write-commands-hi:int controller-busy-time-lo:int controller-busy-time-hi:int power-cycles-lo:int power-cycles-hi:int power-on-hours-lo:int power-on-hours-hi:int unsafe-shutdowns-lo:int unsafe-shutdowns-hi:int media-errors-lo:int media-errors-hi:int number-of-error-log-entries-lo:int number-of-error-log-entries-hi:int
GuestNetworkInterface name:str hardware-address?:str ip-addresses?:[GuestIpAddress] statistics?:GuestNetworkInterfaceStat
GuestNetworkInterfaceStat rx-bytes:int rx-packets:int rx-errs:int rx-dropped:int tx-bytes:int tx-packets:int tx-errs:int tx-dropped:int
GuestNetworkRoute iface:str destination:str metric:int gateway?:str mask?:str irtt?:int flags?:int refcnt?:int use?:int window?:int mtu?:int desprefixlen?:str source?:str srcprefixlen?:str nexthop?:str version:int
GuestOSInfo kernel-release?:str kernel-version?:str machine?:str id?:str name?:str pretty-name?:str version?:str version-id?:str variant?:str variant-id?:str
GuestPCIAddress domain:int bus:int slot:int function:int
GuestPanicInformation type:str type=hyper-v:GuestPanicInformationHyperV type=s390:GuestPanicInformationS390
GuestPanicInformationHyperV arg1:int arg2:int arg3:int arg4:int arg5:int
GuestPanicInformationS390 core:int psw-mask:int psw-addr:int reason:str
GuestTimezone zone?:str offset:int
GuestUser user:str login-time:number domain?:str
GuidInfo guid:str
HotpluggableCPU type:str vcpus-count:int props:CpuInstanceProperties qom-path?:str
HumanReadableText human-readable-text:str
HvBalloonDeviceInfo id?:str memaddr?:int max-size:int memdev?:str
HvBalloonDeviceInfoWrapper data:HvBalloonDeviceInfo
HvBalloonInfo committed:int available:int
IOThreadInfo id:str thread-id:int poll-max-ns:int poll-grow:int poll-shrink:int aio-max-batch?:int
ImageInfo filename:str format:str dirty-flag?:bool actual-size?:int virtual-size:int cluster-size?:int encrypted?:bool compressed?:bool backing-filename?:str full-backing-filename?:str backing-filename-format?:str snapshots?:[SnapshotInfo] backing-image?:ImageInfo format-specific?:ImageInfoSpecific
ImageInfoSpecific type:str type=qcow2:ImageInfoSpecificQCow2Wrapper type=vmdk:ImageInfoSpecificVmdkWrapper type=luks:ImageInfoSpecificLUKSWrapper type=rbd:ImageInfoSpecificRbdWrapper type=file:ImageInfoSpecificFileWrapper
ImageInfoSpecificFile extent-size-hint?:int
ImageInfoSpecificFileWrapper data:ImageInfoSpecificFile
ImageInfoSpecificLUKSWrapper data:QCryptoBlockInfoLUKS
ImageInfoSpecificQCow2 compat:str data-file?:str data-file-raw?:bool extended-l2?:bool lazy-refcounts?:bool corrupt?:bool refcount-bits:int encrypt?:ImageInfoSpecificQCow2Encryption bitmaps?:[Qcow2BitmapInfo] compression-type?:str
ImageInfoSpecificQCow2Encryption format:str format=luks:QCryptoBlockInfoLUKS
ImageInfoSpecificQCow2Wrapper data:ImageInfoSpecificQCow2
ImageInfoSpecificRbd encryption-format?:str
ImageInfoSpecificRbdWrapper data:ImageInfoSpecificRbd
ImageInfoSpecificVmdk create-type:str cid:int parent-cid:int extents:[{}]
ImageInfoSpecificVmdkWrapper data:ImageInfoSpecificVmdk
InetSocketAddress host:str port:str numeric?:bool to?:int ipv4?:bool ipv6?:bool keep-alive?:bool mptcp?:bool
JobInfo id:str type:str status:str current-progress:int total-progress:int error?:str
KvmInfo enabled:bool present:bool
MachineInfo name:str alias?:str is-default?:bool cpu-max:int hotpluggable-cpus:bool numa-mem-supported:bool deprecated:bool default-cpu-type?:str default-ram-id?:str acpi?:bool compat-props?:[CompatProperty]
Memdev id?:str size:int merge:bool dump:bool prealloc:bool share?:bool reserve?:bool host-nodes:[int] policy:str
MemoryDeviceInfo type:str type=dimm:PCDIMMDeviceInfoWrapper type=nvdimm:PCDIMMDeviceInfoWrapper type=virtio-pmem:VirtioPMEMDeviceInfoWrapper type=virtio-mem:VirtioMEMDeviceInfoWrapper type=sgx-epc:SgxEPCDeviceInfoWrapper type=hv-balloon:HvBalloonDeviceInfoWrapper
MemoryFailureFlags action-required:bool recursive:bool
MemoryInfo base-memory:int plugged-memory?:int
MigrationCapabilityStatus capability:str state:bool
MigrationInfo status?:str ram?:MigrationStats disk?:MigrationStats vfio?:VfioStats xbzrle-cache?:XBZRLECacheStats total-time?:int expected-downtime?:int downtime?:int setup-time?:int cpu-throttle-percentage?:int error-desc?:str blocked-reasons?:[str] postcopy-blocktime?:int postcopy-vcpu-blocktime?:[int] compression?:CompressionStats socket-address?:[SocketAddress] dirty-limit-throttle-time-per-round?:int dirty-limit-ring-full-time?:int
MigrationParameters announce-initial?:int announce-max?:int announce-rounds?:int announce-step?:int compress-level?:int compress-threads?:int compress-wait-thread?:bool decompress-threads?:int throttle-trigger-threshold?:int cpu-throttle-initial?:int cpu-throttle-increment?:int cpu-throttle-tailslow?:bool tls-creds?:any tls-hostname?:any tls-authz?:any max-bandwidth?:int downtime-limit?:int x-checkpoint-delay?:int block-incremental?:bool multifd-channels?:int xbzrle-cache-size?:int max-postcopy-bandwidth?:int max-cpu-throttle?:int multifd-compression?:str multifd-zlib-level?:int multifd-zstd-level?:int block-bitmap-mapping?:[BitmapMigrationNodeAlias] avail-switchover-bandwidth?:int multifd-qatzip-level?:int x-vcpu-dirty-limit-period?:int vcpu-dirty-limit?:int mode?:str zero-page-detection?:str direct-io?:bool
MigrationStats transferred:int remaining:int total:int duplicate:int skipped?:int normal:int normal-bytes:int dirty-pages-rate:int mbps:number dirty-sync-count:int postcopy-requests:int page-size:int multifd-bytes:int pages-per-second:int precopy-bytes?:int downtime-bytes?:int postcopy-bytes?:int dirty-sync-missed-zero-copy?:int
MigrationThreadInfo name:str thread-id:int
MouseInfo name:str index:int current:bool absolute:bool
NameInfo name?:str
ObjectPropertyInfo name:str type:str description?:str default-value?:any
ObjectTypeInfo name:str abstract?:bool parent?:str
PCDIMMDeviceInfo id?:str addr:int size:int slot:int node:int memdev:str hotplugged:bool hotpluggable:bool
PCDIMMDeviceInfoWrapper data:PCDIMMDeviceInfo
PRManagerInfo id:str connected:bool
PciBridgeInfo bus:PciBusInfo devices?:[PciDeviceInfo]
PciBusInfo number:int secondary:int subordinate:int io_range:PciMemoryRange memory_range:PciMemoryRange prefetchable_range:PciMemoryRange
PciDeviceClass desc?:str class:int
PciDeviceId device:int vendor:int subsystem?:int subsystem-vendor?:int
PciDeviceInfo bus:int slot:int function:int class_info:PciDeviceClass id:PciDeviceId irq?:int irq_pin?:int qdev_id:str pci_bridge?:PciBridgeInfo regions:[PciMemoryRegion]
PciInfo bus:int devices:[PciDeviceInfo]
PciMemoryRange base:int limit:int
PciMemoryRegion bar:int type:str address:int size:int prefetch?:bool mem_type_64?:bool
QCryptoBlockInfoLUKS cipher-alg:str cipher-mode:str ivgen-alg:str ivgen-hash-alg?:str hash-alg:str payload-offset:int master-key-iters:int uuid:str slots:[QCryptoBlockInfoLUKSSlot] detached-header?:bool
QCryptoBlockInfoLUKSSlot active:bool iters?:int stripes?:int key-offset:int
QCryptodevBackendClient queue:int type:str
QCryptodevInfo id:str service:[str] client:[QCryptodevBackendClient]
Qcow2BitmapInfo name:str granularity:int flags:[str]
QomListGet properties:[QomListGetProperties]
QomListGetProperties name:str type:str value?:any
QueryAccelerators enabled:str present:[str]
QueryFirmwareLog version?:str log:str
ReplayInfo mode:str filename?:str icount:int
ReplicationStatus error:bool desc?:str
RockerOfDpaFlow cookie:int hits:int key:RockerOfDpaFlowKey mask:RockerOfDpaFlowMask action:RockerOfDpaFlowAction
RockerOfDpaFlowAction goto-tbl?:int group-id?:int tunnel-lport?:int vlan-id?:int new-vlan-id?:int out-pport?:int
RockerOfDpaFlowKey priority:int tbl-id:int in-pport?:int tunnel-id?:int vlan-id?:int eth-type?:int eth-src?:str eth-dst?:str ip-proto?:int ip-tos?:int ip-dst?:str
RockerOfDpaFlowMask in-pport?:int tunnel-id?:int vlan-id?:int eth-src?:str eth-dst?:str ip-proto?:int ip-tos?:int
RockerOfDpaGroup id:int type:int vlan-id?:int pport?:int index?:int out-pport?:int group-id?:int set-vlan-id?:int pop-vlan?:int group-ids?:[int] set-eth-src?:str set-eth-dst?:str ttl-check?:int
RockerPort name:str enabled:bool link-up:bool speed:int duplex:str autoneg:str
RockerSwitch name:str id:int ports:int
RxFilterInfo name:str promiscuous:bool multicast:str unicast:str vlan:str broadcast-allowed:bool multicast-overflow:bool unicast-overflow:bool main-mac:str vlan-table:[int] unicast-table:[str] multicast-table:[str]
SGXEPCSection node:int size:int
SGXInfo sgx:bool sgx1:bool sgx2:bool flc:bool section-size?:int sections?:[SGXEPCSection]
SchemaInfo name:str meta-type:str features?:[str] meta-type=builtin:SchemaInfoBuiltin meta-type=enum:SchemaInfoEnum meta-type=array:SchemaInfoArray meta-type=object:SchemaInfoObject meta-type=alternate:SchemaInfoAlternate meta-type=command:SchemaInfoCommand meta-type=event:SchemaInfoEvent
SchemaInfoAlternate members:[SchemaInfoAlternateMember]
SchemaInfoAlternateMember type:str
SchemaInfoArray element-type:str
SchemaInfoBuiltin json-type:str
SchemaInfoCommand arg-type:str ret-type:str allow-oob?:bool
SchemaInfoEnum members?:[SchemaInfoEnumMember] values?:[str]
SchemaInfoEnumMember name:str features?:[str]
SchemaInfoEvent arg-type:str
SchemaInfoObject members:[SchemaInfoObjectMember] tag?:str variants?:[SchemaInfoObjectVariant]
SchemaInfoObjectMember name:str type:str default?:any features?:[str]
SchemaInfoObjectVariant case:str type:str
SevAttestationReport data:str
SevCapability pdh:str cert-chain:str cpu0-id?:str cbitpos:int reduced-phys-bits:int
SevInfo enabled:bool api-major:int api-minor:int build-id:int policy?:int state:str handle?:int sev-type?:str snp-policy?:int
SevLaunchMeasureInfo data:str
SgxEPCDeviceInfo id?:str memaddr:int size:int node?:int memdev:str
SgxEPCDeviceInfoWrapper data:SgxEPCDeviceInfo
SnapshotInfo id:str name:str vm-state-size:int date-sec:int date-nsec:int vm-clock-sec:int vm-clock-nsec:int icount?:int
SocketAddress type:str type=inet:InetSocketAddress type=unix:UnixSocketAddress type=vsock:VsockSocketAddress type=fd:{}
SpiceBasicInfo host:str port:str family:str
SpiceChannel host:str port:str family:str connection-id:int channel-type:int channel-id:int tls:bool
SpiceInfo enabled:bool migrated:bool host?:str port?:int tls-port?:int auth?:str compiled-version?:str mouse-mode:str channels?:[SpiceChannel]
SpiceServerInfo host:str port:str family:str auth?:str
Stats name:str value:StatsValue
StatsResult provider:str qom-path?:str stats:[Stats]
StatsSchema provider:str target:str stats:[StatsSchemaValue]
StatsSchemaValue name:str type:str unit?:str base?:int exponent:int bucket-size?:int
StatsValue |int|bool|[int]
StatusInfo running:bool singlestep?:bool status:str
TPMEmulatorOptions chardev:str
TPMEmulatorOptionsWrapper data:TPMEmulatorOptions
TPMInfo id:str model:str options:TpmTypeOptions
TPMPassthroughOptions path?:str cancel-path?:str
TPMPassthroughOptionsWrapper data:TPMPassthroughOptions
TargetInfo arch:str
TpmTypeOptions type:str type=passthrough:TPMPassthroughOptionsWrapper type=emulator:TPMEmulatorOptionsWrapper
TraceEventInfo name:str state:str vcpu?:bool
UnixSocketAddress path:str abstract?:bool tight?:bool
UuidInfo UUID:str
VersionInfo qemu:VersionTriple package:str
VersionTriple major:int minor:int micro:int
VfioStats transferred:int
VhostDeviceProtocols protocols:[str] unknown-protocols?:int
VhostStatus n-mem-sections:int n-tmp-sections:int nvqs:int vq-index:int features:VirtioDeviceFeatures acked-features:VirtioDeviceFeatures backend-features?:VirtioDeviceFeatures protocol-features:VhostDeviceProtocols max-queues:int backend-cap:int log-enabled:bool log-size:int
VirtQueueStatus name:str queue-index:int inuse:int vring-num:int vring-num-default:int vring-align:int vring-desc:int vring-avail:int vring-used:int last-avail-idx?:int shadow-avail-idx?:int used-idx:int signalled-used:int signalled-used-valid:bool
VirtVhostQueueStatus name:str kick:int call:int desc?:int avail?:int used?:int num:int desc-phys:int desc-size:int avail-phys:int avail-size:int used-phys:int used-size:int
VirtioDeviceFeatures transports:[str] dev-features?:[str] unknown-dev-features?:int
VirtioDeviceStatus statuses:[str] unknown-statuses?:int
VirtioInfo path:str name:str
VirtioMEMDeviceInfo id?:str memaddr:int requested-size:int size:int max-size:int block-size:int node:int memdev:str
VirtioMEMDeviceInfoWrapper data:VirtioMEMDeviceInfo
VirtioPMEMDeviceInfo id?:str memaddr:int size:int memdev:str
VirtioPMEMDeviceInfoWrapper data:VirtioPMEMDeviceInfo
VirtioQueueElement name:str index:int descs:[VirtioRingDesc] avail:VirtioRingAvail used:VirtioRingUsed
VirtioRingAvail flags:int idx:int ring:int
VirtioRingDesc addr:int len:int flags:[str]
VirtioRingUsed flags:int idx:int
VirtioStatus name:str device-id:int vhost-started:bool device-endian:str guest-features:VirtioDeviceFeatures host-features:VirtioDeviceFeatures backend-features:VirtioDeviceFeatures num-vqs:int status:VirtioDeviceStatus isr:int queue-sel:int vm-running:bool broken:bool disabled:bool use-started:bool started:bool start-on-kick:bool disable-legacy-check:bool bus-name:str use-guest-notifier-mask:bool vhost-dev?:VhostStatus
VncBasicInfo host:str service:str family:str websocket:bool
VncClientInfo host:str service:str family:str websocket:bool x509_dname?:str sasl_username?:str
VncInfo enabled:bool host?:str family?:str service?:str auth?:str clients?:[VncClientInfo]
VncInfo2 id:str server:[VncServerInfo2] clients:[VncClientInfo] auth:str vencrypt?:str display?:str
VncServerInfo host:str service:str family:str websocket:bool auth?:str
VncServerInfo2 host:str service:str family:str websocket:bool auth:str vencrypt?:str
VsockSocketAddress cid:str port:str
XAccelStats human-readable-text:str
XBZRLECacheStats cache-size:int bytes:int pages:int cache-miss:int cache-miss-rate:number encoding-rate?:number overflow:int
XDbgBlockGraph nodes:[XDbgBlockGraphNode] edges:[XDbgBlockGraphEdge]
XDbgBlockGraphEdge parent:int child:int name:str perm:[str] shared-perm:[str]
XDbgBlockGraphNode id:int type:str name:str
YankInstance type:str type=block-node:YankInstanceBlockNode type=chardev:YankInstanceChardev
YankInstanceBlockNode node-name:str
YankInstanceChardev id:str
q_obj_ACPI_DEVICE_OST-arg info:ACPIOSTInfo
q_obj_BALLOON_CHANGE-arg actual:int
q_obj_BLOCK_EXPORT_DELETED-arg id:str
q_obj_BLOCK_IMAGE_CORRUPTED-arg device:str node-name?:str msg:str offset?:int size?:int fatal:bool
q_obj_BLOCK_IO_ERROR-arg device:str node-name?:str operation:str action:str nospace?:bool reason:str qom-path?:str
q_obj_BLOCK_JOB_CANCELLED-arg type:str device:str len:int offset:int speed:int
q_obj_BLOCK_JOB_COMPLETED-arg type:str device:str len:int offset:int speed:int error?:str
q_obj_BLOCK_JOB_ERROR-arg device:str operation:str action:str
q_obj_BLOCK_JOB_PENDING-arg type:str id:str
q_obj_BLOCK_JOB_READY-arg type:str device:str len:int offset:int speed:int
q_obj_BLOCK_WRITE_THRESHOLD-arg node-name:str amount-exceeded:int write-threshold:int
q_obj_COLO_EXIT-arg mode:str reason:str
q_obj_CPU_POLARIZATION_CHANGE-arg polarization:str
q_obj_DEVICE_DELETED-arg device?:str path:str
q_obj_DEVICE_TRAY_MOVED-arg device:str id:str tray-open:bool
q_obj_DEVICE_UNPLUG_GUEST_ERROR-arg device?:str path:str
q_obj_DUMP_COMPLETED-arg result:DumpQueryResult error?:str
q_obj_FAILOVER_NEGOTIATED-arg device-id:str
q_obj_GUEST_CRASHLOADED-arg action:str info?:GuestPanicInformation
q_obj_GUEST_PANICKED-arg action:str info?:GuestPanicInformation
q_obj_JOB_STATUS_CHANGE-arg id:str status:str
q_obj_MEMORY_DEVICE_SIZE_CHANGE-arg id?:str size:int qom-path:str
q_obj_MEMORY_FAILURE-arg recipient:str action:str flags:MemoryFailureFlags
q_obj_MEM_UNPLUG_ERROR-arg device:str msg:str
q_obj_MIGRATION-arg status:str
q_obj_MIGRATION_PASS-arg pass:int
q_obj_NETDEV_STREAM_CONNECTED-arg netdev-id:str addr:SocketAddress
q_obj_NETDEV_STREAM_DISCONNECTED-arg netdev-id:str
q_obj_NETDEV_VHOST_USER_CONNECTED-arg netdev-id:str chardev-id:str
q_obj_NETDEV_VHOST_USER_DISCONNECTED-arg netdev-id:str
q_obj_NIC_RX_FILTER_CHANGED-arg name?:str path:str
q_obj_PR_MANAGER_STATUS_CHANGED-arg id:str connected:bool
q_obj_QUORUM_FAILURE-arg reference:str sector-num:int sectors-count:int
q_obj_QUORUM_REPORT_BAD-arg type:str error?:str node-name:str sector-num:int sectors-count:int
q_obj_RDMA_GID_STATUS_CHANGED-arg netdev:str gid-status:bool subnet-prefix:int interface-id:int
q_obj_RESET-arg guest:bool reason:str
q_obj_RTC_CHANGE-arg offset:int qom-path?:str
q_obj_SHUTDOWN-arg guest:bool reason:str
q_obj_SPICE_CONNECTED-arg server:SpiceBasicInfo client:SpiceBasicInfo
q_obj_SPICE_DISCONNECTED-arg server:SpiceBasicInfo client:SpiceBasicInfo
q_obj_SPICE_INITIALIZED-arg server:SpiceServerInfo client:SpiceChannel
q_obj_UNPLUG_PRIMARY-arg device-id:str
q_obj_VFIO_MIGRATION-arg device-id:str qom-path:str device-state:str
q_obj_VFU_CLIENT_HANGUP-arg vfu-id:str vfu-qom-path:str dev-id:str dev-qom-path:str
q_obj_VNC_CONNECTED-arg server:VncServerInfo client:VncBasicInfo
q_obj_VNC_DISCONNECTED-arg server:VncServerInfo client:VncClientInfo
q_obj_VNC_INITIALIZED-arg server:VncServerInfo client:VncClientInfo
q_obj_VSERPORT_CHANGE-arg id:str open:bool
q_obj_WATCHDOG-arg action:str
"""
"""The members of a type; the choices of an alternate."""
