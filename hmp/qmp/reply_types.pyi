# fmt: off
# Written by `python -m hmp.qapi replies --stub`.
from typing import NotRequired, TypeAlias, TypedDict

COMMANDS: str
EVENTS: str
SHAPES: str

ACPIOSTInfo = TypedDict(
    "ACPIOSTInfo",
    {
        "device": NotRequired[str],
        "slot": str,
        "slot-type": str,
        "source": int,
        "status": int,
    },
)

AddfdInfo = TypedDict(
    "AddfdInfo",
    {
        "fdset-id": int,
        "fd": int,
    },
)

AlarmClock = TypedDict(
    "AlarmClock",
    {
        "clock-name": str,
        "next-deadline": NotRequired[int],
    },
)

AlarmMethod = TypedDict(
    "AlarmMethod",
    {
        "method-name": str,
        "current": bool,
    },
)

Audiodev = TypedDict(
    "Audiodev",
    {
        "id": str,
        "driver": str,
        "timer-period": NotRequired[int],
        "in": NotRequired[object],
        "out": NotRequired[object],
        "threshold": NotRequired[int],
        "nsamples": NotRequired[int],
        "latency": NotRequired[int],
        "try-mmap": NotRequired[bool],
        "exclusive": NotRequired[bool],
        "dsp-policy": NotRequired[int],
        "server": NotRequired[str],
        "dev": NotRequired[str],
        "path": NotRequired[str],
    },
)

AudiodevAlsaOptions = TypedDict(
    "AudiodevAlsaOptions",
    {
        "in": NotRequired[AudiodevAlsaPerDirectionOptions],
        "out": NotRequired[AudiodevAlsaPerDirectionOptions],
        "threshold": NotRequired[int],
    },
)

AudiodevAlsaPerDirectionOptions = TypedDict(
    "AudiodevAlsaPerDirectionOptions",
    {
        "mixing-engine": NotRequired[bool],
        "fixed-settings": NotRequired[bool],
        "frequency": NotRequired[int],
        "channels": NotRequired[int],
        "voices": NotRequired[int],
        "format": NotRequired[str],
        "buffer-length": NotRequired[int],
        "dev": NotRequired[str],
        "period-length": NotRequired[int],
        "try-poll": NotRequired[bool],
    },
)

AudiodevCoreaudioOptions = TypedDict(
    "AudiodevCoreaudioOptions",
    {
        "in": NotRequired[AudiodevCoreaudioPerDirectionOptions],
        "out": NotRequired[AudiodevCoreaudioPerDirectionOptions],
    },
)

AudiodevCoreaudioPerDirectionOptions = TypedDict(
    "AudiodevCoreaudioPerDirectionOptions",
    {
        "mixing-engine": NotRequired[bool],
        "fixed-settings": NotRequired[bool],
        "frequency": NotRequired[int],
        "channels": NotRequired[int],
        "voices": NotRequired[int],
        "format": NotRequired[str],
        "buffer-length": NotRequired[int],
        "buffer-count": NotRequired[int],
    },
)

AudiodevDBusOptions = TypedDict(
    "AudiodevDBusOptions",
    {
        "in": NotRequired[AudiodevPerDirectionOptions],
        "out": NotRequired[AudiodevPerDirectionOptions],
        "nsamples": NotRequired[int],
    },
)

AudiodevDsoundOptions = TypedDict(
    "AudiodevDsoundOptions",
    {
        "in": NotRequired[AudiodevPerDirectionOptions],
        "out": NotRequired[AudiodevPerDirectionOptions],
        "latency": NotRequired[int],
    },
)

AudiodevGenericOptions = TypedDict(
    "AudiodevGenericOptions",
    {
        "in": NotRequired[AudiodevPerDirectionOptions],
        "out": NotRequired[AudiodevPerDirectionOptions],
    },
)

AudiodevJackOptions = TypedDict(
    "AudiodevJackOptions",
    {
        "in": NotRequired[AudiodevJackPerDirectionOptions],
        "out": NotRequired[AudiodevJackPerDirectionOptions],
    },
)

AudiodevJackPerDirectionOptions = TypedDict(
    "AudiodevJackPerDirectionOptions",
    {
        "mixing-engine": NotRequired[bool],
        "fixed-settings": NotRequired[bool],
        "frequency": NotRequired[int],
        "channels": NotRequired[int],
        "voices": NotRequired[int],
        "format": NotRequired[str],
        "buffer-length": NotRequired[int],
        "server-name": NotRequired[str],
        "client-name": NotRequired[str],
        "connect-ports": NotRequired[str],
        "start-server": NotRequired[bool],
        "exact-name": NotRequired[bool],
    },
)

AudiodevOssOptions = TypedDict(
    "AudiodevOssOptions",
    {
        "in": NotRequired[AudiodevOssPerDirectionOptions],
        "out": NotRequired[AudiodevOssPerDirectionOptions],
        "try-mmap": NotRequired[bool],
        "exclusive": NotRequired[bool],
        "dsp-policy": NotRequired[int],
    },
)

AudiodevOssPerDirectionOptions = TypedDict(
    "AudiodevOssPerDirectionOptions",
    {
        "mixing-engine": NotRequired[bool],
        "fixed-settings": NotRequired[bool],
        "frequency": NotRequired[int],
        "channels": NotRequired[int],
        "voices": NotRequired[int],
        "format": NotRequired[str],
        "buffer-length": NotRequired[int],
        "dev": NotRequired[str],
        "buffer-count": NotRequired[int],
        "try-poll": NotRequired[bool],
    },
)

AudiodevPaOptions = TypedDict(
    "AudiodevPaOptions",
    {
        "in": NotRequired[AudiodevPaPerDirectionOptions],
        "out": NotRequired[AudiodevPaPerDirectionOptions],
        "server": NotRequired[str],
    },
)

AudiodevPaPerDirectionOptions = TypedDict(
    "AudiodevPaPerDirectionOptions",
    {
        "mixing-engine": NotRequired[bool],
        "fixed-settings": NotRequired[bool],
        "frequency": NotRequired[int],
        "channels": NotRequired[int],
        "voices": NotRequired[int],
        "format": NotRequired[str],
        "buffer-length": NotRequired[int],
        "name": NotRequired[str],
        "stream-name": NotRequired[str],
        "latency": NotRequired[int],
    },
)

AudiodevPerDirectionOptions = TypedDict(
    "AudiodevPerDirectionOptions",
    {
        "mixing-engine": NotRequired[bool],
        "fixed-settings": NotRequired[bool],
        "frequency": NotRequired[int],
        "channels": NotRequired[int],
        "voices": NotRequired[int],
        "format": NotRequired[str],
        "buffer-length": NotRequired[int],
    },
)

AudiodevPipewireOptions = TypedDict(
    "AudiodevPipewireOptions",
    {
        "in": NotRequired[AudiodevPipewirePerDirectionOptions],
        "out": NotRequired[AudiodevPipewirePerDirectionOptions],
    },
)

AudiodevPipewirePerDirectionOptions = TypedDict(
    "AudiodevPipewirePerDirectionOptions",
    {
        "mixing-engine": NotRequired[bool],
        "fixed-settings": NotRequired[bool],
        "frequency": NotRequired[int],
        "channels": NotRequired[int],
        "voices": NotRequired[int],
        "format": NotRequired[str],
        "buffer-length": NotRequired[int],
        "name": NotRequired[str],
        "stream-name": NotRequired[str],
        "latency": NotRequired[int],
    },
)

AudiodevSdlOptions = TypedDict(
    "AudiodevSdlOptions",
    {
        "in": NotRequired[AudiodevSdlPerDirectionOptions],
        "out": NotRequired[AudiodevSdlPerDirectionOptions],
    },
)

AudiodevSdlPerDirectionOptions = TypedDict(
    "AudiodevSdlPerDirectionOptions",
    {
        "mixing-engine": NotRequired[bool],
        "fixed-settings": NotRequired[bool],
        "frequency": NotRequired[int],
        "channels": NotRequired[int],
        "voices": NotRequired[int],
        "format": NotRequired[str],
        "buffer-length": NotRequired[int],
        "buffer-count": NotRequired[int],
    },
)

AudiodevSndioOptions = TypedDict(
    "AudiodevSndioOptions",
    {
        "in": NotRequired[AudiodevPerDirectionOptions],
        "out": NotRequired[AudiodevPerDirectionOptions],
        "dev": NotRequired[str],
        "latency": NotRequired[int],
    },
)

AudiodevWavOptions = TypedDict(
    "AudiodevWavOptions",
    {
        "in": NotRequired[AudiodevPerDirectionOptions],
        "out": NotRequired[AudiodevPerDirectionOptions],
        "path": NotRequired[str],
    },
)

class BalloonInfo(TypedDict):
    actual: int

class BitmapMigrationBitmapAlias(TypedDict):
    name: str
    alias: str
    transform: NotRequired[BitmapMigrationBitmapAliasTransform]

class BitmapMigrationBitmapAliasTransform(TypedDict):
    persistent: NotRequired[bool]

BitmapMigrationNodeAlias = TypedDict(
    "BitmapMigrationNodeAlias",
    {
        "node-name": str,
        "alias": str,
        "bitmaps": list[BitmapMigrationBitmapAlias],
    },
)

BlockDeviceInfo = TypedDict(
    "BlockDeviceInfo",
    {
        "file": str,
        "node-name": NotRequired[str],
        "ro": bool,
        "drv": str,
        "backing_file": NotRequired[str],
        "backing_file_depth": int,
        "encrypted": bool,
        "detect_zeroes": str,
        "bps": int,
        "bps_rd": int,
        "bps_wr": int,
        "iops": int,
        "iops_rd": int,
        "iops_wr": int,
        "image": ImageInfo,
        "bps_max": NotRequired[int],
        "bps_rd_max": NotRequired[int],
        "bps_wr_max": NotRequired[int],
        "iops_max": NotRequired[int],
        "iops_rd_max": NotRequired[int],
        "iops_wr_max": NotRequired[int],
        "bps_max_length": NotRequired[int],
        "bps_rd_max_length": NotRequired[int],
        "bps_wr_max_length": NotRequired[int],
        "iops_max_length": NotRequired[int],
        "iops_rd_max_length": NotRequired[int],
        "iops_wr_max_length": NotRequired[int],
        "iops_size": NotRequired[int],
        "group": NotRequired[str],
        "cache": BlockdevCacheInfo,
        "write_threshold": int,
        "dirty-bitmaps": NotRequired[list[BlockDirtyInfo]],
        "active": NotRequired[bool],
    },
)

class BlockDeviceStats(TypedDict):
    rd_bytes: int
    wr_bytes: int
    unmap_bytes: int
    rd_operations: int
    wr_operations: int
    flush_operations: int
    unmap_operations: int
    rd_total_time_ns: int
    wr_total_time_ns: int
    flush_total_time_ns: int
    unmap_total_time_ns: int
    wr_highest_offset: int
    rd_merged: int
    wr_merged: int
    unmap_merged: int
    idle_time_ns: NotRequired[int]
    failed_rd_operations: int
    failed_wr_operations: int
    failed_flush_operations: int
    failed_unmap_operations: int
    invalid_rd_operations: int
    invalid_wr_operations: int
    invalid_flush_operations: int
    invalid_unmap_operations: int
    account_invalid: bool
    account_failed: bool
    timed_stats: list[BlockDeviceTimedStats]
    rd_latency_histogram: NotRequired[BlockLatencyHistogramInfo]
    wr_latency_histogram: NotRequired[BlockLatencyHistogramInfo]
    flush_latency_histogram: NotRequired[BlockLatencyHistogramInfo]
    zone_append_bytes: NotRequired[int]
    zone_append_operations: NotRequired[int]
    zone_append_total_time_ns: NotRequired[int]
    zone_append_merged: NotRequired[int]
    failed_zone_append_operations: NotRequired[int]
    invalid_zone_append_operations: NotRequired[int]
    zone_append_latency_histogram: NotRequired[BlockLatencyHistogramInfo]

class BlockDeviceTimedStats(TypedDict):
    interval_length: int
    min_rd_latency_ns: int
    max_rd_latency_ns: int
    avg_rd_latency_ns: int
    min_wr_latency_ns: int
    max_wr_latency_ns: int
    avg_wr_latency_ns: int
    min_flush_latency_ns: int
    max_flush_latency_ns: int
    avg_flush_latency_ns: int
    avg_rd_queue_depth: float
    avg_wr_queue_depth: float
    min_zone_append_latency_ns: NotRequired[int]
    max_zone_append_latency_ns: NotRequired[int]
    avg_zone_append_latency_ns: NotRequired[int]
    avg_zone_append_queue_depth: NotRequired[float]

class BlockDirtyBitmapSha256(TypedDict):
    sha256: str

class BlockDirtyInfo(TypedDict):
    name: NotRequired[str]
    count: int
    granularity: int
    recording: bool
    busy: bool
    persistent: bool
    inconsistent: NotRequired[bool]

BlockExportInfo = TypedDict(
    "BlockExportInfo",
    {
        "id": str,
        "type": str,
        "node-name": str,
        "shutting-down": bool,
    },
)

BlockInfo = TypedDict(
    "BlockInfo",
    {
        "device": str,
        "qdev": NotRequired[str],
        "type": str,
        "removable": bool,
        "locked": bool,
        "inserted": NotRequired[BlockDeviceInfo],
        "tray_open": NotRequired[bool],
        "io-status": NotRequired[str],
    },
)

BlockJobInfo = TypedDict(
    "BlockJobInfo",
    {
        "type": str,
        "device": str,
        "len": int,
        "offset": int,
        "busy": bool,
        "paused": bool,
        "speed": int,
        "io-status": str,
        "ready": bool,
        "status": str,
        "auto-finalize": bool,
        "auto-dismiss": bool,
        "error": NotRequired[str],
        "actively-synced": NotRequired[bool],
    },
)

class BlockLatencyHistogramInfo(TypedDict):
    boundaries: list[int]
    bins: list[int]

BlockStats = TypedDict(
    "BlockStats",
    {
        "device": NotRequired[str],
        "qdev": NotRequired[str],
        "node-name": NotRequired[str],
        "stats": BlockDeviceStats,
        "driver-specific": NotRequired[BlockStatsSpecific],
        "parent": NotRequired[BlockStats],
        "backing": NotRequired[BlockStats],
    },
)

BlockStatsSpecific = TypedDict(
    "BlockStatsSpecific",
    {
        "driver": str,
        "discard-nb-ok": NotRequired[int],
        "discard-nb-failed": NotRequired[int],
        "discard-bytes-ok": NotRequired[int],
        "completion-errors": NotRequired[int],
        "aligned-accesses": NotRequired[int],
        "unaligned-accesses": NotRequired[int],
    },
)

BlockStatsSpecificFile = TypedDict(
    "BlockStatsSpecificFile",
    {
        "discard-nb-ok": int,
        "discard-nb-failed": int,
        "discard-bytes-ok": int,
    },
)

BlockStatsSpecificNvme = TypedDict(
    "BlockStatsSpecificNvme",
    {
        "completion-errors": int,
        "aligned-accesses": int,
        "unaligned-accesses": int,
    },
)

BlockdevCacheInfo = TypedDict(
    "BlockdevCacheInfo",
    {
        "writeback": bool,
        "direct": bool,
        "no-flush": bool,
    },
)

COLOStatus = TypedDict(
    "COLOStatus",
    {
        "mode": str,
        "last-mode": str,
        "reason": str,
    },
)

class ChardevBackendInfo(TypedDict):
    name: str

ChardevInfo = TypedDict(
    "ChardevInfo",
    {
        "label": str,
        "filename": str,
        "frontend-open": bool,
    },
)

class ChardevReturn(TypedDict):
    pty: NotRequired[str]

class CommandInfo(TypedDict):
    name: str

class CommandLineOptionInfo(TypedDict):
    option: str
    parameters: list[CommandLineParameterInfo]

class CommandLineParameterInfo(TypedDict):
    name: str
    type: str
    help: NotRequired[str]
    default: NotRequired[str]

CompatProperty = TypedDict(
    "CompatProperty",
    {
        "qom-type": str,
        "property": str,
        "value": str,
    },
)

CompressionStats = TypedDict(
    "CompressionStats",
    {
        "pages": int,
        "busy": int,
        "busy-rate": float,
        "compressed-size": int,
        "compression-rate": float,
    },
)

CpuDefinitionInfo = TypedDict(
    "CpuDefinitionInfo",
    {
        "name": str,
        "migration-safe": NotRequired[bool],
        "static": bool,
        "unavailable-features": NotRequired[list[str]],
        "typename": str,
        "alias-of": NotRequired[str],
        "deprecated": NotRequired[bool],
    },
)

CpuInfoFast = TypedDict(
    "CpuInfoFast",
    {
        "cpu-index": int,
        "qom-path": str,
        "thread-id": int,
        "props": NotRequired[CpuInstanceProperties],
        "target": str,
        "cpu-state": NotRequired[str],
        "dedicated": NotRequired[bool],
        "entitlement": NotRequired[str],
    },
)

CpuInfoS390 = TypedDict(
    "CpuInfoS390",
    {
        "cpu-state": str,
        "dedicated": NotRequired[bool],
        "entitlement": NotRequired[str],
    },
)

CpuInstanceProperties = TypedDict(
    "CpuInstanceProperties",
    {
        "node-id": NotRequired[int],
        "socket-id": NotRequired[int],
        "die-id": NotRequired[int],
        "cluster-id": NotRequired[int],
        "core-id": NotRequired[int],
        "thread-id": NotRequired[int],
        "drawer-id": NotRequired[int],
        "book-id": NotRequired[int],
        "module-id": NotRequired[int],
    },
)

class CpuModelBaselineInfo(TypedDict):
    model: CpuModelInfo

CpuModelCompareInfo = TypedDict(
    "CpuModelCompareInfo",
    {
        "result": str,
        "responsible-properties": list[str],
    },
)

CpuModelExpansionInfo = TypedDict(
    "CpuModelExpansionInfo",
    {
        "model": CpuModelInfo,
        "deprecated-props": NotRequired[list[str]],
    },
)

class CpuModelInfo(TypedDict):
    name: str
    props: NotRequired[object]

class CpuPolarizationInfo(TypedDict):
    polarization: str

CurrentMachineParams = TypedDict(
    "CurrentMachineParams",
    {
        "wakeup-suspend-support": bool,
    },
)

DirtyLimitInfo = TypedDict(
    "DirtyLimitInfo",
    {
        "cpu-index": int,
        "limit-rate": int,
        "current-rate": int,
    },
)

DirtyRateInfo = TypedDict(
    "DirtyRateInfo",
    {
        "dirty-rate": NotRequired[int],
        "status": str,
        "start-time": int,
        "calc-time": int,
        "sample-pages": NotRequired[int],
        "mode": NotRequired[str],
        "vcpu-dirty-rate": NotRequired[list[DirtyRateVcpu]],
        "calc-time-unit": NotRequired[str],
    },
)

DirtyRateVcpu = TypedDict(
    "DirtyRateVcpu",
    {
        "id": int,
        "dirty-rate": int,
    },
)

DisplayCocoa = TypedDict(
    "DisplayCocoa",
    {
        "left-command-key": NotRequired[bool],
        "full-grab": NotRequired[bool],
        "swap-opt-cmd": NotRequired[bool],
        "zoom-to-fit": NotRequired[bool],
        "zoom-interpolation": NotRequired[bool],
    },
)

class DisplayCurses(TypedDict):
    charset: NotRequired[str]

class DisplayDBus(TypedDict):
    rendernode: NotRequired[str]
    addr: NotRequired[str]
    p2p: NotRequired[bool]
    audiodev: NotRequired[str]

class DisplayEGLHeadless(TypedDict):
    rendernode: NotRequired[str]

DisplayGTK = TypedDict(
    "DisplayGTK",
    {
        "grab-on-hover": NotRequired[bool],
        "zoom-to-fit": NotRequired[bool],
        "show-tabs": NotRequired[bool],
        "show-menubar": NotRequired[bool],
    },
)

DisplayOptions = TypedDict(
    "DisplayOptions",
    {
        "type": str,
        "full-screen": NotRequired[bool],
        "window-close": NotRequired[bool],
        "show-cursor": NotRequired[bool],
        "gl": NotRequired[str],
        "grab-on-hover": NotRequired[bool],
        "zoom-to-fit": NotRequired[bool],
        "show-tabs": NotRequired[bool],
        "show-menubar": NotRequired[bool],
        "left-command-key": NotRequired[bool],
        "full-grab": NotRequired[bool],
        "swap-opt-cmd": NotRequired[bool],
        "zoom-interpolation": NotRequired[bool],
        "charset": NotRequired[str],
        "rendernode": NotRequired[str],
        "addr": NotRequired[str],
        "p2p": NotRequired[bool],
        "audiodev": NotRequired[str],
        "grab-mod": NotRequired[str],
    },
)

DisplaySDL = TypedDict(
    "DisplaySDL",
    {
        "grab-mod": NotRequired[str],
    },
)

class DumpGuestMemoryCapability(TypedDict):
    formats: list[str]

class DumpQueryResult(TypedDict):
    status: str
    completed: int
    total: int

class EbpfObject(TypedDict):
    object: str

class EventInfo(TypedDict):
    name: str

EvtchnInfo = TypedDict(
    "EvtchnInfo",
    {
        "port": int,
        "vcpu": int,
        "type": str,
        "remote-domain": str,
        "target": int,
        "pending": bool,
        "masked": bool,
    },
)

class FdsetFdInfo(TypedDict):
    fd: int
    opaque: NotRequired[str]

FdsetInfo = TypedDict(
    "FdsetInfo",
    {
        "fdset-id": int,
        "fds": list[FdsetFdInfo],
    },
)

class GICCapability(TypedDict):
    version: int
    emulated: bool
    kernel: bool

GuestAgentCommandInfo = TypedDict(
    "GuestAgentCommandInfo",
    {
        "name": str,
        "enabled": bool,
        "success-response": bool,
    },
)

class GuestAgentInfo(TypedDict):
    version: str
    supported_commands: list[GuestAgentCommandInfo]

class GuestAuthorizedKeys(TypedDict):
    keys: list[str]

class GuestCCWAddress(TypedDict):
    cssid: int
    ssid: int
    subchno: int
    devno: int

class GuestCpuStats(TypedDict):
    type: str
    cpu: NotRequired[int]
    user: NotRequired[int]
    nice: NotRequired[int]
    system: NotRequired[int]
    idle: NotRequired[int]
    iowait: NotRequired[int]
    irq: NotRequired[int]
    softirq: NotRequired[int]
    steal: NotRequired[int]
    guest: NotRequired[int]
    guestnice: NotRequired[int]

GuestDeviceId = TypedDict(
    "GuestDeviceId",
    {
        "type": str,
        "vendor-id": NotRequired[int],
        "device-id": NotRequired[int],
    },
)

GuestDeviceIdPCI = TypedDict(
    "GuestDeviceIdPCI",
    {
        "vendor-id": int,
        "device-id": int,
    },
)

GuestDeviceInfo = TypedDict(
    "GuestDeviceInfo",
    {
        "driver-name": str,
        "driver-date": NotRequired[int],
        "driver-version": NotRequired[str],
        "id": NotRequired[GuestDeviceId],
    },
)

GuestDiskAddress = TypedDict(
    "GuestDiskAddress",
    {
        "pci-controller": GuestPCIAddress,
        "bus-type": str,
        "bus": int,
        "target": int,
        "unit": int,
        "serial": NotRequired[str],
        "dev": NotRequired[str],
        "ccw-address": NotRequired[GuestCCWAddress],
    },
)

class GuestDiskInfo(TypedDict):
    name: str
    partition: bool
    dependencies: NotRequired[list[str]]
    address: NotRequired[GuestDiskAddress]
    alias: NotRequired[str]
    smart: NotRequired[GuestDiskSmart]

GuestDiskSmart = TypedDict(
    "GuestDiskSmart",
    {
        "type": str,
        "critical-warning": NotRequired[int],
        "temperature": NotRequired[int],
        "available-spare": NotRequired[int],
        "available-spare-threshold": NotRequired[int],
        "percentage-used": NotRequired[int],
        "data-units-read-lo": NotRequired[int],
        "data-units-read-hi": NotRequired[int],
        "data-units-written-lo": NotRequired[int],
        "data-units-written-hi": NotRequired[int],
        "host-read-commands-lo": NotRequired[int],
        "host-read-commands-hi": NotRequired[int],
        "host-write-commands-lo": NotRequired[int],
        "host-write-commands-hi": NotRequired[int],
        "controller-busy-time-lo": NotRequired[int],
        "controller-busy-time-hi": NotRequired[int],
        "power-cycles-lo": NotRequired[int],
        "power-cycles-hi": NotRequired[int],
        "power-on-hours-lo": NotRequired[int],
        "power-on-hours-hi": NotRequired[int],
        "unsafe-shutdowns-lo": NotRequired[int],
        "unsafe-shutdowns-hi": NotRequired[int],
        "media-errors-lo": NotRequired[int],
        "media-errors-hi": NotRequired[int],
        "number-of-error-log-entries-lo": NotRequired[int],
        "number-of-error-log-entries-hi": NotRequired[int],
    },
)

GuestDiskStats = TypedDict(
    "GuestDiskStats",
    {
        "read-sectors": NotRequired[int],
        "read-ios": NotRequired[int],
        "read-merges": NotRequired[int],
        "write-sectors": NotRequired[int],
        "write-ios": NotRequired[int],
        "write-merges": NotRequired[int],
        "discard-sectors": NotRequired[int],
        "discard-ios": NotRequired[int],
        "discard-merges": NotRequired[int],
        "flush-ios": NotRequired[int],
        "read-ticks": NotRequired[int],
        "write-ticks": NotRequired[int],
        "discard-ticks": NotRequired[int],
        "flush-ticks": NotRequired[int],
        "ios-pgr": NotRequired[int],
        "total-ticks": NotRequired[int],
        "weight-ticks": NotRequired[int],
    },
)

class GuestDiskStatsInfo(TypedDict):
    name: str
    major: int
    minor: int
    stats: GuestDiskStats

class GuestExec(TypedDict):
    pid: int

GuestExecStatus = TypedDict(
    "GuestExecStatus",
    {
        "exited": bool,
        "exitcode": NotRequired[int],
        "signal": NotRequired[int],
        "out-data": NotRequired[str],
        "err-data": NotRequired[str],
        "out-truncated": NotRequired[bool],
        "err-truncated": NotRequired[bool],
    },
)

GuestFileRead = TypedDict(
    "GuestFileRead",
    {
        "count": int,
        "buf-b64": str,
        "eof": bool,
    },
)

class GuestFileSeek(TypedDict):
    position: int
    eof: bool

class GuestFileWrite(TypedDict):
    count: int
    eof: bool

GuestFilesystemInfo = TypedDict(
    "GuestFilesystemInfo",
    {
        "name": str,
        "mountpoint": str,
        "type": str,
        "used-bytes": NotRequired[int],
        "total-bytes": NotRequired[int],
        "total-bytes-privileged": NotRequired[int],
        "disk": list[GuestDiskAddress],
    },
)

class GuestFilesystemTrimResponse(TypedDict):
    paths: list[GuestFilesystemTrimResult]

class GuestFilesystemTrimResult(TypedDict):
    path: str
    trimmed: NotRequired[int]
    minimum: NotRequired[int]
    error: NotRequired[str]

GuestHostName = TypedDict(
    "GuestHostName",
    {
        "host-name": str,
    },
)

GuestIpAddress = TypedDict(
    "GuestIpAddress",
    {
        "ip-address": str,
        "ip-address-type": str,
        "prefix": int,
    },
)

class GuestLinuxCpuStats(TypedDict):
    cpu: int
    user: int
    nice: int
    system: int
    idle: int
    iowait: NotRequired[int]
    irq: NotRequired[int]
    softirq: NotRequired[int]
    steal: NotRequired[int]
    guest: NotRequired[int]
    guestnice: NotRequired[int]

class GuestLoadAverage(TypedDict):
    load1m: float
    load5m: float
    load15m: float

GuestLogicalProcessor = TypedDict(
    "GuestLogicalProcessor",
    {
        "logical-id": int,
        "online": bool,
        "can-offline": NotRequired[bool],
    },
)

GuestMemoryBlock = TypedDict(
    "GuestMemoryBlock",
    {
        "phys-index": int,
        "online": bool,
        "can-offline": NotRequired[bool],
    },
)

class GuestMemoryBlockInfo(TypedDict):
    size: int

GuestMemoryBlockResponse = TypedDict(
    "GuestMemoryBlockResponse",
    {
        "phys-index": int,
        "response": str,
        "error-code": NotRequired[int],
    },
)

GuestNVMeSmart = TypedDict(
    "GuestNVMeSmart",
    {
        "critical-warning": int,
        "temperature": int,
        "available-spare": int,
        "available-spare-threshold": int,
        "percentage-used": int,
        "data-units-read-lo": int,
        "data-units-read-hi": int,
        "data-units-written-lo": int,
        "data-units-written-hi": int,
        "host-read-commands-lo": int,
        "host-read-commands-hi": int,
        "host-write-commands-lo": int,
        "host-write-commands-hi": int,
        "controller-busy-time-lo": int,
        "controller-busy-time-hi": int,
        "power-cycles-lo": int,
        "power-cycles-hi": int,
        "power-on-hours-lo": int,
        "power-on-hours-hi": int,
        "unsafe-shutdowns-lo": int,
        "unsafe-shutdowns-hi": int,
        "media-errors-lo": int,
        "media-errors-hi": int,
        "number-of-error-log-entries-lo": int,
        "number-of-error-log-entries-hi": int,
    },
)

GuestNetworkInterface = TypedDict(
    "GuestNetworkInterface",
    {
        "name": str,
        "hardware-address": NotRequired[str],
        "ip-addresses": NotRequired[list[GuestIpAddress]],
        "statistics": NotRequired[GuestNetworkInterfaceStat],
    },
)

GuestNetworkInterfaceStat = TypedDict(
    "GuestNetworkInterfaceStat",
    {
        "rx-bytes": int,
        "rx-packets": int,
        "rx-errs": int,
        "rx-dropped": int,
        "tx-bytes": int,
        "tx-packets": int,
        "tx-errs": int,
        "tx-dropped": int,
    },
)

class GuestNetworkRoute(TypedDict):
    iface: str
    destination: str
    metric: int
    gateway: NotRequired[str]
    mask: NotRequired[str]
    irtt: NotRequired[int]
    flags: NotRequired[int]
    refcnt: NotRequired[int]
    use: NotRequired[int]
    window: NotRequired[int]
    mtu: NotRequired[int]
    desprefixlen: NotRequired[str]
    source: NotRequired[str]
    srcprefixlen: NotRequired[str]
    nexthop: NotRequired[str]
    version: int

GuestOSInfo = TypedDict(
    "GuestOSInfo",
    {
        "kernel-release": NotRequired[str],
        "kernel-version": NotRequired[str],
        "machine": NotRequired[str],
        "id": NotRequired[str],
        "name": NotRequired[str],
        "pretty-name": NotRequired[str],
        "version": NotRequired[str],
        "version-id": NotRequired[str],
        "variant": NotRequired[str],
        "variant-id": NotRequired[str],
    },
)

class GuestPCIAddress(TypedDict):
    domain: int
    bus: int
    slot: int
    function: int

GuestPanicInformation = TypedDict(
    "GuestPanicInformation",
    {
        "type": str,
        "arg1": NotRequired[int],
        "arg2": NotRequired[int],
        "arg3": NotRequired[int],
        "arg4": NotRequired[int],
        "arg5": NotRequired[int],
        "core": NotRequired[int],
        "psw-mask": NotRequired[int],
        "psw-addr": NotRequired[int],
        "reason": NotRequired[str],
    },
)

class GuestPanicInformationHyperV(TypedDict):
    arg1: int
    arg2: int
    arg3: int
    arg4: int
    arg5: int

GuestPanicInformationS390 = TypedDict(
    "GuestPanicInformationS390",
    {
        "core": int,
        "psw-mask": int,
        "psw-addr": int,
        "reason": str,
    },
)

class GuestTimezone(TypedDict):
    zone: NotRequired[str]
    offset: int

GuestUser = TypedDict(
    "GuestUser",
    {
        "user": str,
        "login-time": float,
        "domain": NotRequired[str],
    },
)

class GuidInfo(TypedDict):
    guid: str

HotpluggableCPU = TypedDict(
    "HotpluggableCPU",
    {
        "type": str,
        "vcpus-count": int,
        "props": CpuInstanceProperties,
        "qom-path": NotRequired[str],
    },
)

HumanReadableText = TypedDict(
    "HumanReadableText",
    {
        "human-readable-text": str,
    },
)

HvBalloonDeviceInfo = TypedDict(
    "HvBalloonDeviceInfo",
    {
        "id": NotRequired[str],
        "memaddr": NotRequired[int],
        "max-size": int,
        "memdev": NotRequired[str],
    },
)

class HvBalloonDeviceInfoWrapper(TypedDict):
    data: HvBalloonDeviceInfo

class HvBalloonInfo(TypedDict):
    committed: int
    available: int

IOThreadInfo = TypedDict(
    "IOThreadInfo",
    {
        "id": str,
        "thread-id": int,
        "poll-max-ns": int,
        "poll-grow": int,
        "poll-shrink": int,
        "aio-max-batch": NotRequired[int],
    },
)

ImageInfo = TypedDict(
    "ImageInfo",
    {
        "filename": str,
        "format": str,
        "dirty-flag": NotRequired[bool],
        "actual-size": NotRequired[int],
        "virtual-size": int,
        "cluster-size": NotRequired[int],
        "encrypted": NotRequired[bool],
        "compressed": NotRequired[bool],
        "backing-filename": NotRequired[str],
        "full-backing-filename": NotRequired[str],
        "backing-filename-format": NotRequired[str],
        "snapshots": NotRequired[list[SnapshotInfo]],
        "backing-image": NotRequired[ImageInfo],
        "format-specific": NotRequired[ImageInfoSpecific],
    },
)

class ImageInfoSpecific(TypedDict):
    type: str
    data: NotRequired[object]

ImageInfoSpecificFile = TypedDict(
    "ImageInfoSpecificFile",
    {
        "extent-size-hint": NotRequired[int],
    },
)

class ImageInfoSpecificFileWrapper(TypedDict):
    data: ImageInfoSpecificFile

class ImageInfoSpecificLUKSWrapper(TypedDict):
    data: QCryptoBlockInfoLUKS

ImageInfoSpecificQCow2 = TypedDict(
    "ImageInfoSpecificQCow2",
    {
        "compat": str,
        "data-file": NotRequired[str],
        "data-file-raw": NotRequired[bool],
        "extended-l2": NotRequired[bool],
        "lazy-refcounts": NotRequired[bool],
        "corrupt": NotRequired[bool],
        "refcount-bits": int,
        "encrypt": NotRequired[ImageInfoSpecificQCow2Encryption],
        "bitmaps": NotRequired[list[Qcow2BitmapInfo]],
        "compression-type": NotRequired[str],
    },
)

ImageInfoSpecificQCow2Encryption = TypedDict(
    "ImageInfoSpecificQCow2Encryption",
    {
        "format": str,
        "cipher-alg": NotRequired[str],
        "cipher-mode": NotRequired[str],
        "ivgen-alg": NotRequired[str],
        "ivgen-hash-alg": NotRequired[str],
        "hash-alg": NotRequired[str],
        "payload-offset": NotRequired[int],
        "master-key-iters": NotRequired[int],
        "uuid": NotRequired[str],
        "slots": NotRequired[list[QCryptoBlockInfoLUKSSlot]],
        "detached-header": NotRequired[bool],
    },
)

class ImageInfoSpecificQCow2Wrapper(TypedDict):
    data: ImageInfoSpecificQCow2

ImageInfoSpecificRbd = TypedDict(
    "ImageInfoSpecificRbd",
    {
        "encryption-format": NotRequired[str],
    },
)

class ImageInfoSpecificRbdWrapper(TypedDict):
    data: ImageInfoSpecificRbd

ImageInfoSpecificVmdk = TypedDict(
    "ImageInfoSpecificVmdk",
    {
        "create-type": str,
        "cid": int,
        "parent-cid": int,
        "extents": list[dict[str, object]],
    },
)

class ImageInfoSpecificVmdkWrapper(TypedDict):
    data: ImageInfoSpecificVmdk

InetSocketAddress = TypedDict(
    "InetSocketAddress",
    {
        "host": str,
        "port": str,
        "numeric": NotRequired[bool],
        "to": NotRequired[int],
        "ipv4": NotRequired[bool],
        "ipv6": NotRequired[bool],
        "keep-alive": NotRequired[bool],
        "mptcp": NotRequired[bool],
    },
)

JobInfo = TypedDict(
    "JobInfo",
    {
        "id": str,
        "type": str,
        "status": str,
        "current-progress": int,
        "total-progress": int,
        "error": NotRequired[str],
    },
)

class KvmInfo(TypedDict):
    enabled: bool
    present: bool

MachineInfo = TypedDict(
    "MachineInfo",
    {
        "name": str,
        "alias": NotRequired[str],
        "is-default": NotRequired[bool],
        "cpu-max": int,
        "hotpluggable-cpus": bool,
        "numa-mem-supported": bool,
        "deprecated": bool,
        "default-cpu-type": NotRequired[str],
        "default-ram-id": NotRequired[str],
        "acpi": NotRequired[bool],
        "compat-props": NotRequired[list[CompatProperty]],
    },
)

Memdev = TypedDict(
    "Memdev",
    {
        "id": NotRequired[str],
        "size": int,
        "merge": bool,
        "dump": bool,
        "prealloc": bool,
        "share": NotRequired[bool],
        "reserve": NotRequired[bool],
        "host-nodes": list[int],
        "policy": str,
    },
)

class MemoryDeviceInfo(TypedDict):
    type: str
    data: NotRequired[object]

MemoryFailureFlags = TypedDict(
    "MemoryFailureFlags",
    {
        "action-required": bool,
        "recursive": bool,
    },
)

MemoryInfo = TypedDict(
    "MemoryInfo",
    {
        "base-memory": int,
        "plugged-memory": NotRequired[int],
    },
)

class MigrationCapabilityStatus(TypedDict):
    capability: str
    state: bool

MigrationInfo = TypedDict(
    "MigrationInfo",
    {
        "status": NotRequired[str],
        "ram": NotRequired[MigrationStats],
        "disk": NotRequired[MigrationStats],
        "vfio": NotRequired[VfioStats],
        "xbzrle-cache": NotRequired[XBZRLECacheStats],
        "total-time": NotRequired[int],
        "expected-downtime": NotRequired[int],
        "downtime": NotRequired[int],
        "setup-time": NotRequired[int],
        "cpu-throttle-percentage": NotRequired[int],
        "error-desc": NotRequired[str],
        "blocked-reasons": NotRequired[list[str]],
        "postcopy-blocktime": NotRequired[int],
        "postcopy-vcpu-blocktime": NotRequired[list[int]],
        "compression": NotRequired[CompressionStats],
        "socket-address": NotRequired[list[SocketAddress]],
        "dirty-limit-throttle-time-per-round": NotRequired[int],
        "dirty-limit-ring-full-time": NotRequired[int],
    },
)

MigrationParameters = TypedDict(
    "MigrationParameters",
    {
        "announce-initial": NotRequired[int],
        "announce-max": NotRequired[int],
        "announce-rounds": NotRequired[int],
        "announce-step": NotRequired[int],
        "compress-level": NotRequired[int],
        "compress-threads": NotRequired[int],
        "compress-wait-thread": NotRequired[bool],
        "decompress-threads": NotRequired[int],
        "throttle-trigger-threshold": NotRequired[int],
        "cpu-throttle-initial": NotRequired[int],
        "cpu-throttle-increment": NotRequired[int],
        "cpu-throttle-tailslow": NotRequired[bool],
        "tls-creds": NotRequired[object],
        "tls-hostname": NotRequired[object],
        "tls-authz": NotRequired[object],
        "max-bandwidth": NotRequired[int],
        "downtime-limit": NotRequired[int],
        "x-checkpoint-delay": NotRequired[int],
        "block-incremental": NotRequired[bool],
        "multifd-channels": NotRequired[int],
        "xbzrle-cache-size": NotRequired[int],
        "max-postcopy-bandwidth": NotRequired[int],
        "max-cpu-throttle": NotRequired[int],
        "multifd-compression": NotRequired[str],
        "multifd-zlib-level": NotRequired[int],
        "multifd-zstd-level": NotRequired[int],
        "block-bitmap-mapping": NotRequired[list[BitmapMigrationNodeAlias]],
        "avail-switchover-bandwidth": NotRequired[int],
        "multifd-qatzip-level": NotRequired[int],
        "x-vcpu-dirty-limit-period": NotRequired[int],
        "vcpu-dirty-limit": NotRequired[int],
        "mode": NotRequired[str],
        "zero-page-detection": NotRequired[str],
        "direct-io": NotRequired[bool],
    },
)

MigrationStats = TypedDict(
    "MigrationStats",
    {
        "transferred": int,
        "remaining": int,
        "total": int,
        "duplicate": int,
        "skipped": NotRequired[int],
        "normal": int,
        "normal-bytes": int,
        "dirty-pages-rate": int,
        "mbps": float,
        "dirty-sync-count": int,
        "postcopy-requests": int,
        "page-size": int,
        "multifd-bytes": int,
        "pages-per-second": int,
        "precopy-bytes": NotRequired[int],
        "downtime-bytes": NotRequired[int],
        "postcopy-bytes": NotRequired[int],
        "dirty-sync-missed-zero-copy": NotRequired[int],
    },
)

MigrationThreadInfo = TypedDict(
    "MigrationThreadInfo",
    {
        "name": str,
        "thread-id": int,
    },
)

class MouseInfo(TypedDict):
    name: str
    index: int
    current: bool
    absolute: bool

class NameInfo(TypedDict):
    name: NotRequired[str]

ObjectPropertyInfo = TypedDict(
    "ObjectPropertyInfo",
    {
        "name": str,
        "type": str,
        "description": NotRequired[str],
        "default-value": NotRequired[object],
    },
)

class ObjectTypeInfo(TypedDict):
    name: str
    abstract: NotRequired[bool]
    parent: NotRequired[str]

class PCDIMMDeviceInfo(TypedDict):
    id: NotRequired[str]
    addr: int
    size: int
    slot: int
    node: int
    memdev: str
    hotplugged: bool
    hotpluggable: bool

class PCDIMMDeviceInfoWrapper(TypedDict):
    data: PCDIMMDeviceInfo

class PRManagerInfo(TypedDict):
    id: str
    connected: bool

class PciBridgeInfo(TypedDict):
    bus: PciBusInfo
    devices: NotRequired[list[PciDeviceInfo]]

class PciBusInfo(TypedDict):
    number: int
    secondary: int
    subordinate: int
    io_range: PciMemoryRange
    memory_range: PciMemoryRange
    prefetchable_range: PciMemoryRange

PciDeviceClass = TypedDict(
    "PciDeviceClass",
    {
        "desc": NotRequired[str],
        "class": int,
    },
)

PciDeviceId = TypedDict(
    "PciDeviceId",
    {
        "device": int,
        "vendor": int,
        "subsystem": NotRequired[int],
        "subsystem-vendor": NotRequired[int],
    },
)

class PciDeviceInfo(TypedDict):
    bus: int
    slot: int
    function: int
    class_info: PciDeviceClass
    id: PciDeviceId
    irq: NotRequired[int]
    irq_pin: NotRequired[int]
    qdev_id: str
    pci_bridge: NotRequired[PciBridgeInfo]
    regions: list[PciMemoryRegion]

class PciInfo(TypedDict):
    bus: int
    devices: list[PciDeviceInfo]

class PciMemoryRange(TypedDict):
    base: int
    limit: int

class PciMemoryRegion(TypedDict):
    bar: int
    type: str
    address: int
    size: int
    prefetch: NotRequired[bool]
    mem_type_64: NotRequired[bool]

QCryptoBlockInfoLUKS = TypedDict(
    "QCryptoBlockInfoLUKS",
    {
        "cipher-alg": str,
        "cipher-mode": str,
        "ivgen-alg": str,
        "ivgen-hash-alg": NotRequired[str],
        "hash-alg": str,
        "payload-offset": int,
        "master-key-iters": int,
        "uuid": str,
        "slots": list[QCryptoBlockInfoLUKSSlot],
        "detached-header": NotRequired[bool],
    },
)

QCryptoBlockInfoLUKSSlot = TypedDict(
    "QCryptoBlockInfoLUKSSlot",
    {
        "active": bool,
        "iters": NotRequired[int],
        "stripes": NotRequired[int],
        "key-offset": int,
    },
)

class QCryptodevBackendClient(TypedDict):
    queue: int
    type: str

class QCryptodevInfo(TypedDict):
    id: str
    service: list[str]
    client: list[QCryptodevBackendClient]

class Qcow2BitmapInfo(TypedDict):
    name: str
    granularity: int
    flags: list[str]

class QomListGet(TypedDict):
    properties: list[QomListGetProperties]

class QomListGetProperties(TypedDict):
    name: str
    type: str
    value: NotRequired[object]

class QueryAccelerators(TypedDict):
    enabled: str
    present: list[str]

class QueryFirmwareLog(TypedDict):
    version: NotRequired[str]
    log: str

class ReplayInfo(TypedDict):
    mode: str
    filename: NotRequired[str]
    icount: int

class ReplicationStatus(TypedDict):
    error: bool
    desc: NotRequired[str]

class RockerOfDpaFlow(TypedDict):
    cookie: int
    hits: int
    key: RockerOfDpaFlowKey
    mask: RockerOfDpaFlowMask
    action: RockerOfDpaFlowAction

RockerOfDpaFlowAction = TypedDict(
    "RockerOfDpaFlowAction",
    {
        "goto-tbl": NotRequired[int],
        "group-id": NotRequired[int],
        "tunnel-lport": NotRequired[int],
        "vlan-id": NotRequired[int],
        "new-vlan-id": NotRequired[int],
        "out-pport": NotRequired[int],
    },
)

RockerOfDpaFlowKey = TypedDict(
    "RockerOfDpaFlowKey",
    {
        "priority": int,
        "tbl-id": int,
        "in-pport": NotRequired[int],
        "tunnel-id": NotRequired[int],
        "vlan-id": NotRequired[int],
        "eth-type": NotRequired[int],
        "eth-src": NotRequired[str],
        "eth-dst": NotRequired[str],
        "ip-proto": NotRequired[int],
        "ip-tos": NotRequired[int],
        "ip-dst": NotRequired[str],
    },
)

RockerOfDpaFlowMask = TypedDict(
    "RockerOfDpaFlowMask",
    {
        "in-pport": NotRequired[int],
        "tunnel-id": NotRequired[int],
        "vlan-id": NotRequired[int],
        "eth-src": NotRequired[str],
        "eth-dst": NotRequired[str],
        "ip-proto": NotRequired[int],
        "ip-tos": NotRequired[int],
    },
)

RockerOfDpaGroup = TypedDict(
    "RockerOfDpaGroup",
    {
        "id": int,
        "type": int,
        "vlan-id": NotRequired[int],
        "pport": NotRequired[int],
        "index": NotRequired[int],
        "out-pport": NotRequired[int],
        "group-id": NotRequired[int],
        "set-vlan-id": NotRequired[int],
        "pop-vlan": NotRequired[int],
        "group-ids": NotRequired[list[int]],
        "set-eth-src": NotRequired[str],
        "set-eth-dst": NotRequired[str],
        "ttl-check": NotRequired[int],
    },
)

RockerPort = TypedDict(
    "RockerPort",
    {
        "name": str,
        "enabled": bool,
        "link-up": bool,
        "speed": int,
        "duplex": str,
        "autoneg": str,
    },
)

class RockerSwitch(TypedDict):
    name: str
    id: int
    ports: int

RxFilterInfo = TypedDict(
    "RxFilterInfo",
    {
        "name": str,
        "promiscuous": bool,
        "multicast": str,
        "unicast": str,
        "vlan": str,
        "broadcast-allowed": bool,
        "multicast-overflow": bool,
        "unicast-overflow": bool,
        "main-mac": str,
        "vlan-table": list[int],
        "unicast-table": list[str],
        "multicast-table": list[str],
    },
)

class SGXEPCSection(TypedDict):
    node: int
    size: int

SGXInfo = TypedDict(
    "SGXInfo",
    {
        "sgx": bool,
        "sgx1": bool,
        "sgx2": bool,
        "flc": bool,
        "section-size": NotRequired[int],
        "sections": NotRequired[list[SGXEPCSection]],
    },
)

SchemaInfo = TypedDict(
    "SchemaInfo",
    {
        "name": str,
        "meta-type": str,
        "features": NotRequired[list[str]],
        "json-type": NotRequired[str],
        "members": NotRequired[object],
        "values": NotRequired[list[str]],
        "element-type": NotRequired[str],
        "tag": NotRequired[str],
        "variants": NotRequired[list[SchemaInfoObjectVariant]],
        "arg-type": NotRequired[str],
        "ret-type": NotRequired[str],
        "allow-oob": NotRequired[bool],
    },
)

class SchemaInfoAlternate(TypedDict):
    members: list[SchemaInfoAlternateMember]

class SchemaInfoAlternateMember(TypedDict):
    type: str

SchemaInfoArray = TypedDict(
    "SchemaInfoArray",
    {
        "element-type": str,
    },
)

SchemaInfoBuiltin = TypedDict(
    "SchemaInfoBuiltin",
    {
        "json-type": str,
    },
)

SchemaInfoCommand = TypedDict(
    "SchemaInfoCommand",
    {
        "arg-type": str,
        "ret-type": str,
        "allow-oob": NotRequired[bool],
    },
)

class SchemaInfoEnum(TypedDict):
    members: NotRequired[list[SchemaInfoEnumMember]]
    values: NotRequired[list[str]]

class SchemaInfoEnumMember(TypedDict):
    name: str
    features: NotRequired[list[str]]

SchemaInfoEvent = TypedDict(
    "SchemaInfoEvent",
    {
        "arg-type": str,
    },
)

class SchemaInfoObject(TypedDict):
    members: list[SchemaInfoObjectMember]
    tag: NotRequired[str]
    variants: NotRequired[list[SchemaInfoObjectVariant]]

class SchemaInfoObjectMember(TypedDict):
    name: str
    type: str
    default: NotRequired[object]
    features: NotRequired[list[str]]

class SchemaInfoObjectVariant(TypedDict):
    case: str
    type: str

class SevAttestationReport(TypedDict):
    data: str

SevCapability = TypedDict(
    "SevCapability",
    {
        "pdh": str,
        "cert-chain": str,
        "cpu0-id": NotRequired[str],
        "cbitpos": int,
        "reduced-phys-bits": int,
    },
)

SevInfo = TypedDict(
    "SevInfo",
    {
        "enabled": bool,
        "api-major": int,
        "api-minor": int,
        "build-id": int,
        "policy": NotRequired[int],
        "state": str,
        "handle": NotRequired[int],
        "sev-type": NotRequired[str],
        "snp-policy": NotRequired[int],
    },
)

class SevLaunchMeasureInfo(TypedDict):
    data: str

class SgxEPCDeviceInfo(TypedDict):
    id: NotRequired[str]
    memaddr: int
    size: int
    node: NotRequired[int]
    memdev: str

class SgxEPCDeviceInfoWrapper(TypedDict):
    data: SgxEPCDeviceInfo

SnapshotInfo = TypedDict(
    "SnapshotInfo",
    {
        "id": str,
        "name": str,
        "vm-state-size": int,
        "date-sec": int,
        "date-nsec": int,
        "vm-clock-sec": int,
        "vm-clock-nsec": int,
        "icount": NotRequired[int],
    },
)

SocketAddress = TypedDict(
    "SocketAddress",
    {
        "type": str,
        "host": NotRequired[str],
        "port": NotRequired[str],
        "numeric": NotRequired[bool],
        "to": NotRequired[int],
        "ipv4": NotRequired[bool],
        "ipv6": NotRequired[bool],
        "keep-alive": NotRequired[bool],
        "mptcp": NotRequired[bool],
        "path": NotRequired[str],
        "abstract": NotRequired[bool],
        "tight": NotRequired[bool],
        "cid": NotRequired[str],
    },
)

class SpiceBasicInfo(TypedDict):
    host: str
    port: str
    family: str

SpiceChannel = TypedDict(
    "SpiceChannel",
    {
        "host": str,
        "port": str,
        "family": str,
        "connection-id": int,
        "channel-type": int,
        "channel-id": int,
        "tls": bool,
    },
)

SpiceInfo = TypedDict(
    "SpiceInfo",
    {
        "enabled": bool,
        "migrated": bool,
        "host": NotRequired[str],
        "port": NotRequired[int],
        "tls-port": NotRequired[int],
        "auth": NotRequired[str],
        "compiled-version": NotRequired[str],
        "mouse-mode": str,
        "channels": NotRequired[list[SpiceChannel]],
    },
)

class SpiceServerInfo(TypedDict):
    host: str
    port: str
    family: str
    auth: NotRequired[str]

class Stats(TypedDict):
    name: str
    value: StatsValue

StatsResult = TypedDict(
    "StatsResult",
    {
        "provider": str,
        "qom-path": NotRequired[str],
        "stats": list[Stats],
    },
)

class StatsSchema(TypedDict):
    provider: str
    target: str
    stats: list[StatsSchemaValue]

StatsSchemaValue = TypedDict(
    "StatsSchemaValue",
    {
        "name": str,
        "type": str,
        "unit": NotRequired[str],
        "base": NotRequired[int],
        "exponent": int,
        "bucket-size": NotRequired[int],
    },
)

StatsValue: TypeAlias = int | bool | list[int]

class StatusInfo(TypedDict):
    running: bool
    singlestep: NotRequired[bool]
    status: str

class TPMEmulatorOptions(TypedDict):
    chardev: str

class TPMEmulatorOptionsWrapper(TypedDict):
    data: TPMEmulatorOptions

class TPMInfo(TypedDict):
    id: str
    model: str
    options: TpmTypeOptions

TPMPassthroughOptions = TypedDict(
    "TPMPassthroughOptions",
    {
        "path": NotRequired[str],
        "cancel-path": NotRequired[str],
    },
)

class TPMPassthroughOptionsWrapper(TypedDict):
    data: TPMPassthroughOptions

class TargetInfo(TypedDict):
    arch: str

class TpmTypeOptions(TypedDict):
    type: str
    data: NotRequired[object]

class TraceEventInfo(TypedDict):
    name: str
    state: str
    vcpu: NotRequired[bool]

class UnixSocketAddress(TypedDict):
    path: str
    abstract: NotRequired[bool]
    tight: NotRequired[bool]

class UuidInfo(TypedDict):
    UUID: str

class VersionInfo(TypedDict):
    qemu: VersionTriple
    package: str

class VersionTriple(TypedDict):
    major: int
    minor: int
    micro: int

class VfioStats(TypedDict):
    transferred: int

VhostDeviceProtocols = TypedDict(
    "VhostDeviceProtocols",
    {
        "protocols": list[str],
        "unknown-protocols": NotRequired[int],
    },
)

VhostStatus = TypedDict(
    "VhostStatus",
    {
        "n-mem-sections": int,
        "n-tmp-sections": int,
        "nvqs": int,
        "vq-index": int,
        "features": VirtioDeviceFeatures,
        "acked-features": VirtioDeviceFeatures,
        "backend-features": NotRequired[VirtioDeviceFeatures],
        "protocol-features": VhostDeviceProtocols,
        "max-queues": int,
        "backend-cap": int,
        "log-enabled": bool,
        "log-size": int,
    },
)

VirtQueueStatus = TypedDict(
    "VirtQueueStatus",
    {
        "name": str,
        "queue-index": int,
        "inuse": int,
        "vring-num": int,
        "vring-num-default": int,
        "vring-align": int,
        "vring-desc": int,
        "vring-avail": int,
        "vring-used": int,
        "last-avail-idx": NotRequired[int],
        "shadow-avail-idx": NotRequired[int],
        "used-idx": int,
        "signalled-used": int,
        "signalled-used-valid": bool,
    },
)

VirtVhostQueueStatus = TypedDict(
    "VirtVhostQueueStatus",
    {
        "name": str,
        "kick": int,
        "call": int,
        "desc": NotRequired[int],
        "avail": NotRequired[int],
        "used": NotRequired[int],
        "num": int,
        "desc-phys": int,
        "desc-size": int,
        "avail-phys": int,
        "avail-size": int,
        "used-phys": int,
        "used-size": int,
    },
)

VirtioDeviceFeatures = TypedDict(
    "VirtioDeviceFeatures",
    {
        "transports": list[str],
        "dev-features": NotRequired[list[str]],
        "unknown-dev-features": NotRequired[int],
    },
)

VirtioDeviceStatus = TypedDict(
    "VirtioDeviceStatus",
    {
        "statuses": list[str],
        "unknown-statuses": NotRequired[int],
    },
)

class VirtioInfo(TypedDict):
    path: str
    name: str

VirtioMEMDeviceInfo = TypedDict(
    "VirtioMEMDeviceInfo",
    {
        "id": NotRequired[str],
        "memaddr": int,
        "requested-size": int,
        "size": int,
        "max-size": int,
        "block-size": int,
        "node": int,
        "memdev": str,
    },
)

class VirtioMEMDeviceInfoWrapper(TypedDict):
    data: VirtioMEMDeviceInfo

class VirtioPMEMDeviceInfo(TypedDict):
    id: NotRequired[str]
    memaddr: int
    size: int
    memdev: str

class VirtioPMEMDeviceInfoWrapper(TypedDict):
    data: VirtioPMEMDeviceInfo

class VirtioQueueElement(TypedDict):
    name: str
    index: int
    descs: list[VirtioRingDesc]
    avail: VirtioRingAvail
    used: VirtioRingUsed

class VirtioRingAvail(TypedDict):
    flags: int
    idx: int
    ring: int

class VirtioRingDesc(TypedDict):
    addr: int
    len: int
    flags: list[str]

class VirtioRingUsed(TypedDict):
    flags: int
    idx: int

VirtioStatus = TypedDict(
    "VirtioStatus",
    {
        "name": str,
        "device-id": int,
        "vhost-started": bool,
        "device-endian": str,
        "guest-features": VirtioDeviceFeatures,
        "host-features": VirtioDeviceFeatures,
        "backend-features": VirtioDeviceFeatures,
        "num-vqs": int,
        "status": VirtioDeviceStatus,
        "isr": int,
        "queue-sel": int,
        "vm-running": bool,
        "broken": bool,
        "disabled": bool,
        "use-started": bool,
        "started": bool,
        "start-on-kick": bool,
        "disable-legacy-check": bool,
        "bus-name": str,
        "use-guest-notifier-mask": bool,
        "vhost-dev": NotRequired[VhostStatus],
    },
)

class VncBasicInfo(TypedDict):
    host: str
    service: str
    family: str
    websocket: bool

class VncClientInfo(TypedDict):
    host: str
    service: str
    family: str
    websocket: bool
    x509_dname: NotRequired[str]
    sasl_username: NotRequired[str]

class VncInfo(TypedDict):
    enabled: bool
    host: NotRequired[str]
    family: NotRequired[str]
    service: NotRequired[str]
    auth: NotRequired[str]
    clients: NotRequired[list[VncClientInfo]]

class VncInfo2(TypedDict):
    id: str
    server: list[VncServerInfo2]
    clients: list[VncClientInfo]
    auth: str
    vencrypt: NotRequired[str]
    display: NotRequired[str]

class VncServerInfo(TypedDict):
    host: str
    service: str
    family: str
    websocket: bool
    auth: NotRequired[str]

class VncServerInfo2(TypedDict):
    host: str
    service: str
    family: str
    websocket: bool
    auth: str
    vencrypt: NotRequired[str]

class VsockSocketAddress(TypedDict):
    cid: str
    port: str

XAccelStats = TypedDict(
    "XAccelStats",
    {
        "human-readable-text": str,
    },
)

XBZRLECacheStats = TypedDict(
    "XBZRLECacheStats",
    {
        "cache-size": int,
        "bytes": int,
        "pages": int,
        "cache-miss": int,
        "cache-miss-rate": float,
        "encoding-rate": NotRequired[float],
        "overflow": int,
    },
)

class XDbgBlockGraph(TypedDict):
    nodes: list[XDbgBlockGraphNode]
    edges: list[XDbgBlockGraphEdge]

XDbgBlockGraphEdge = TypedDict(
    "XDbgBlockGraphEdge",
    {
        "parent": int,
        "child": int,
        "name": str,
        "perm": list[str],
        "shared-perm": list[str],
    },
)

class XDbgBlockGraphNode(TypedDict):
    id: int
    type: str
    name: str

YankInstance = TypedDict(
    "YankInstance",
    {
        "type": str,
        "node-name": NotRequired[str],
        "id": NotRequired[str],
    },
)

YankInstanceBlockNode = TypedDict(
    "YankInstanceBlockNode",
    {
        "node-name": str,
    },
)

class YankInstanceChardev(TypedDict):
    id: str

class q_obj_ACPI_DEVICE_OST_arg(TypedDict):
    info: ACPIOSTInfo

class q_obj_BALLOON_CHANGE_arg(TypedDict):
    actual: int

class q_obj_BLOCK_EXPORT_DELETED_arg(TypedDict):
    id: str

q_obj_BLOCK_IMAGE_CORRUPTED_arg = TypedDict(
    "q_obj_BLOCK_IMAGE_CORRUPTED_arg",
    {
        "device": str,
        "node-name": NotRequired[str],
        "msg": str,
        "offset": NotRequired[int],
        "size": NotRequired[int],
        "fatal": bool,
    },
)

q_obj_BLOCK_IO_ERROR_arg = TypedDict(
    "q_obj_BLOCK_IO_ERROR_arg",
    {
        "device": str,
        "node-name": NotRequired[str],
        "operation": str,
        "action": str,
        "nospace": NotRequired[bool],
        "reason": str,
        "qom-path": NotRequired[str],
    },
)

class q_obj_BLOCK_JOB_CANCELLED_arg(TypedDict):
    type: str
    device: str
    len: int
    offset: int
    speed: int

class q_obj_BLOCK_JOB_COMPLETED_arg(TypedDict):
    type: str
    device: str
    len: int
    offset: int
    speed: int
    error: NotRequired[str]

class q_obj_BLOCK_JOB_ERROR_arg(TypedDict):
    device: str
    operation: str
    action: str

class q_obj_BLOCK_JOB_PENDING_arg(TypedDict):
    type: str
    id: str

class q_obj_BLOCK_JOB_READY_arg(TypedDict):
    type: str
    device: str
    len: int
    offset: int
    speed: int

q_obj_BLOCK_WRITE_THRESHOLD_arg = TypedDict(
    "q_obj_BLOCK_WRITE_THRESHOLD_arg",
    {
        "node-name": str,
        "amount-exceeded": int,
        "write-threshold": int,
    },
)

class q_obj_COLO_EXIT_arg(TypedDict):
    mode: str
    reason: str

class q_obj_CPU_POLARIZATION_CHANGE_arg(TypedDict):
    polarization: str

class q_obj_DEVICE_DELETED_arg(TypedDict):
    device: NotRequired[str]
    path: str

q_obj_DEVICE_TRAY_MOVED_arg = TypedDict(
    "q_obj_DEVICE_TRAY_MOVED_arg",
    {
        "device": str,
        "id": str,
        "tray-open": bool,
    },
)

class q_obj_DEVICE_UNPLUG_GUEST_ERROR_arg(TypedDict):
    device: NotRequired[str]
    path: str

class q_obj_DUMP_COMPLETED_arg(TypedDict):
    result: DumpQueryResult
    error: NotRequired[str]

q_obj_FAILOVER_NEGOTIATED_arg = TypedDict(
    "q_obj_FAILOVER_NEGOTIATED_arg",
    {
        "device-id": str,
    },
)

class q_obj_GUEST_CRASHLOADED_arg(TypedDict):
    action: str
    info: NotRequired[GuestPanicInformation]

class q_obj_GUEST_PANICKED_arg(TypedDict):
    action: str
    info: NotRequired[GuestPanicInformation]

class q_obj_JOB_STATUS_CHANGE_arg(TypedDict):
    id: str
    status: str

q_obj_MEMORY_DEVICE_SIZE_CHANGE_arg = TypedDict(
    "q_obj_MEMORY_DEVICE_SIZE_CHANGE_arg",
    {
        "id": NotRequired[str],
        "size": int,
        "qom-path": str,
    },
)

class q_obj_MEMORY_FAILURE_arg(TypedDict):
    recipient: str
    action: str
    flags: MemoryFailureFlags

class q_obj_MEM_UNPLUG_ERROR_arg(TypedDict):
    device: str
    msg: str

class q_obj_MIGRATION_arg(TypedDict):
    status: str

q_obj_MIGRATION_PASS_arg = TypedDict(
    "q_obj_MIGRATION_PASS_arg",
    {
        "pass": int,
    },
)

q_obj_NETDEV_STREAM_CONNECTED_arg = TypedDict(
    "q_obj_NETDEV_STREAM_CONNECTED_arg",
    {
        "netdev-id": str,
        "addr": SocketAddress,
    },
)

q_obj_NETDEV_STREAM_DISCONNECTED_arg = TypedDict(
    "q_obj_NETDEV_STREAM_DISCONNECTED_arg",
    {
        "netdev-id": str,
    },
)

q_obj_NETDEV_VHOST_USER_CONNECTED_arg = TypedDict(
    "q_obj_NETDEV_VHOST_USER_CONNECTED_arg",
    {
        "netdev-id": str,
        "chardev-id": str,
    },
)

q_obj_NETDEV_VHOST_USER_DISCONNECTED_arg = TypedDict(
    "q_obj_NETDEV_VHOST_USER_DISCONNECTED_arg",
    {
        "netdev-id": str,
    },
)

class q_obj_NIC_RX_FILTER_CHANGED_arg(TypedDict):
    name: NotRequired[str]
    path: str

class q_obj_PR_MANAGER_STATUS_CHANGED_arg(TypedDict):
    id: str
    connected: bool

q_obj_QUORUM_FAILURE_arg = TypedDict(
    "q_obj_QUORUM_FAILURE_arg",
    {
        "reference": str,
        "sector-num": int,
        "sectors-count": int,
    },
)

q_obj_QUORUM_REPORT_BAD_arg = TypedDict(
    "q_obj_QUORUM_REPORT_BAD_arg",
    {
        "type": str,
        "error": NotRequired[str],
        "node-name": str,
        "sector-num": int,
        "sectors-count": int,
    },
)

q_obj_RDMA_GID_STATUS_CHANGED_arg = TypedDict(
    "q_obj_RDMA_GID_STATUS_CHANGED_arg",
    {
        "netdev": str,
        "gid-status": bool,
        "subnet-prefix": int,
        "interface-id": int,
    },
)

class q_obj_RESET_arg(TypedDict):
    guest: bool
    reason: str

q_obj_RTC_CHANGE_arg = TypedDict(
    "q_obj_RTC_CHANGE_arg",
    {
        "offset": int,
        "qom-path": NotRequired[str],
    },
)

class q_obj_SHUTDOWN_arg(TypedDict):
    guest: bool
    reason: str

class q_obj_SPICE_CONNECTED_arg(TypedDict):
    server: SpiceBasicInfo
    client: SpiceBasicInfo

class q_obj_SPICE_DISCONNECTED_arg(TypedDict):
    server: SpiceBasicInfo
    client: SpiceBasicInfo

class q_obj_SPICE_INITIALIZED_arg(TypedDict):
    server: SpiceServerInfo
    client: SpiceChannel

q_obj_UNPLUG_PRIMARY_arg = TypedDict(
    "q_obj_UNPLUG_PRIMARY_arg",
    {
        "device-id": str,
    },
)

q_obj_VFIO_MIGRATION_arg = TypedDict(
    "q_obj_VFIO_MIGRATION_arg",
    {
        "device-id": str,
        "qom-path": str,
        "device-state": str,
    },
)

q_obj_VFU_CLIENT_HANGUP_arg = TypedDict(
    "q_obj_VFU_CLIENT_HANGUP_arg",
    {
        "vfu-id": str,
        "vfu-qom-path": str,
        "dev-id": str,
        "dev-qom-path": str,
    },
)

class q_obj_VNC_CONNECTED_arg(TypedDict):
    server: VncServerInfo
    client: VncBasicInfo

class q_obj_VNC_DISCONNECTED_arg(TypedDict):
    server: VncServerInfo
    client: VncClientInfo

class q_obj_VNC_INITIALIZED_arg(TypedDict):
    server: VncServerInfo
    client: VncClientInfo

class q_obj_VSERPORT_CHANGE_arg(TypedDict):
    id: str
    open: bool

class q_obj_WATCHDOG_arg(TypedDict):
    action: str
