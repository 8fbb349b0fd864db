# fmt: off
# ruff: noqa: I001
# Written by `python -m hmp.qapi replies --overloads`.
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, overload

from hmp.qmp.reply_types import (
    ACPIOSTInfo,
    AddfdInfo,
    AlarmClock,
    AlarmMethod,
    Audiodev,
    BalloonInfo,
    BlockDeviceInfo,
    BlockDirtyBitmapSha256,
    BlockExportInfo,
    BlockInfo,
    BlockJobInfo,
    BlockStats,
    COLOStatus,
    ChardevBackendInfo,
    ChardevInfo,
    ChardevReturn,
    CommandInfo,
    CommandLineOptionInfo,
    CpuDefinitionInfo,
    CpuInfoFast,
    CpuModelBaselineInfo,
    CpuModelCompareInfo,
    CpuModelExpansionInfo,
    CpuPolarizationInfo,
    CurrentMachineParams,
    DirtyLimitInfo,
    DirtyRateInfo,
    DisplayOptions,
    DumpGuestMemoryCapability,
    DumpQueryResult,
    EbpfObject,
    EventInfo,
    EvtchnInfo,
    FdsetInfo,
    GICCapability,
    GuestAgentInfo,
    GuestAuthorizedKeys,
    GuestCpuStats,
    GuestDeviceInfo,
    GuestDiskInfo,
    GuestDiskStatsInfo,
    GuestExec,
    GuestExecStatus,
    GuestFileRead,
    GuestFileSeek,
    GuestFileWrite,
    GuestFilesystemInfo,
    GuestFilesystemTrimResponse,
    GuestHostName,
    GuestLoadAverage,
    GuestLogicalProcessor,
    GuestMemoryBlock,
    GuestMemoryBlockInfo,
    GuestMemoryBlockResponse,
    GuestNetworkInterface,
    GuestNetworkRoute,
    GuestOSInfo,
    GuestTimezone,
    GuestUser,
    GuidInfo,
    HotpluggableCPU,
    HumanReadableText,
    HvBalloonInfo,
    IOThreadInfo,
    JobInfo,
    KvmInfo,
    MachineInfo,
    Memdev,
    MemoryDeviceInfo,
    MemoryInfo,
    MigrationCapabilityStatus,
    MigrationInfo,
    MigrationParameters,
    MigrationThreadInfo,
    MouseInfo,
    NameInfo,
    ObjectPropertyInfo,
    ObjectTypeInfo,
    PRManagerInfo,
    PciInfo,
    QCryptodevInfo,
    QomListGet,
    QueryAccelerators,
    QueryFirmwareLog,
    ReplayInfo,
    ReplicationStatus,
    RockerOfDpaFlow,
    RockerOfDpaGroup,
    RockerPort,
    RockerSwitch,
    RxFilterInfo,
    SGXInfo,
    SchemaInfo,
    SevAttestationReport,
    SevCapability,
    SevInfo,
    SevLaunchMeasureInfo,
    SnapshotInfo,
    SpiceInfo,
    StatsResult,
    StatsSchema,
    StatusInfo,
    TPMInfo,
    TargetInfo,
    TraceEventInfo,
    UuidInfo,
    VersionInfo,
    VirtQueueStatus,
    VirtVhostQueueStatus,
    VirtioInfo,
    VirtioQueueElement,
    VirtioStatus,
    VncInfo,
    VncInfo2,
    XAccelStats,
    XDbgBlockGraph,
    YankInstance,
)

Empty: TypeAlias = dict[str, object]
Silent: TypeAlias = Literal[
    "add_client",
    "announce-self",
    "balloon",
    "block-commit",
    "block-dirty-bitmap-add",
    "block-dirty-bitmap-clear",
    "block-dirty-bitmap-disable",
    "block-dirty-bitmap-enable",
    "block-dirty-bitmap-merge",
    "block-dirty-bitmap-remove",
    "block-export-add",
    "block-export-del",
    "block-job-cancel",
    "block-job-change",
    "block-job-complete",
    "block-job-dismiss",
    "block-job-finalize",
    "block-job-pause",
    "block-job-resume",
    "block-job-set-speed",
    "block-latency-histogram-set",
    "block-set-write-threshold",
    "block-stream",
    "block_resize",
    "block_set_io_throttle",
    "blockdev-add",
    "blockdev-backup",
    "blockdev-change-medium",
    "blockdev-close-tray",
    "blockdev-create",
    "blockdev-del",
    "blockdev-insert-medium",
    "blockdev-mirror",
    "blockdev-open-tray",
    "blockdev-remove-medium",
    "blockdev-reopen",
    "blockdev-set-active",
    "blockdev-snapshot",
    "blockdev-snapshot-internal-sync",
    "blockdev-snapshot-sync",
    "calc-dirty-rate",
    "cancel-vcpu-dirty-limit",
    "change-backing-file",
    "change-vnc-password",
    "chardev-remove",
    "chardev-send-break",
    "client_migrate_info",
    "closefd",
    "cont",
    "cxl-add-dynamic-capacity",
    "cxl-inject-correctable-error",
    "cxl-inject-dram-event",
    "cxl-inject-general-media-event",
    "cxl-inject-memory-module-event",
    "cxl-inject-poison",
    "cxl-inject-uncorrectable-errors",
    "cxl-release-dynamic-capacity",
    "device-sync-config",
    "device_add",
    "device_del",
    "display-reload",
    "display-update",
    "drive-backup",
    "drive-mirror",
    "dump-guest-memory",
    "dump-skeys",
    "dumpdtb",
    "eject",
    "expire_password",
    "get-win32-socket",
    "getfd",
    "guest-file-close",
    "guest-file-flush",
    "guest-ping",
    "guest-set-time",
    "guest-set-user-password",
    "guest-shutdown",
    "guest-ssh-add-authorized-keys",
    "guest-ssh-remove-authorized-keys",
    "guest-suspend-disk",
    "guest-suspend-hybrid",
    "guest-suspend-ram",
    "hello-world",
    "inject-ghes-v2-error",
    "inject-nmi",
    "input-send-event",
    "job-cancel",
    "job-complete",
    "job-dismiss",
    "job-finalize",
    "job-pause",
    "job-resume",
    "memsave",
    "migrate",
    "migrate-continue",
    "migrate-incoming",
    "migrate-pause",
    "migrate-recover",
    "migrate-set-capabilities",
    "migrate-set-parameters",
    "migrate-start-postcopy",
    "migrate_cancel",
    "nbd-server-add",
    "nbd-server-remove",
    "nbd-server-start",
    "nbd-server-stop",
    "netdev_add",
    "netdev_del",
    "object-add",
    "object-del",
    "pmemsave",
    "qmp_capabilities",
    "qom-set",
    "quit",
    "remove-fd",
    "replay-break",
    "replay-delete-break",
    "replay-seek",
    "ringbuf-write",
    "rtc-reset-reinjection",
    "screendump",
    "send-key",
    "set-action",
    "set-cpu-topology",
    "set-numa-node",
    "set-vcpu-dirty-limit",
    "set_link",
    "set_password",
    "sev-inject-launch-secret",
    "snapshot-delete",
    "snapshot-load",
    "snapshot-save",
    "stop",
    "system_powerdown",
    "system_reset",
    "system_wakeup",
    "trace-event-set-state",
    "transaction",
    "watchdog-set-action",
    "x-blockdev-amend",
    "x-blockdev-change",
    "x-blockdev-set-iothread",
    "x-colo-lost-heartbeat",
    "x-exit-preconfig",
    "xen-colo-do-checkpoint",
    "xen-event-inject",
    "xen-load-devices-state",
    "xen-save-devices-state",
    "xen-set-global-dirty-log",
    "xen-set-replication",
    "yank",
]

class Executes:
    @overload
    async def execute(
        self, command: Literal["add-fd"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> AddfdInfo: ...
    @overload
    async def execute(
        self, command: Literal["blockdev-snapshot-delete-internal-sync"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> SnapshotInfo: ...
    @overload
    async def execute(
        self, command: Literal["chardev-add"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> ChardevReturn: ...
    @overload
    async def execute(
        self, command: Literal["chardev-change"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> ChardevReturn: ...
    @overload
    async def execute(
        self, command: Literal["device-list-properties"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[ObjectPropertyInfo]: ...
    @overload
    async def execute(
        self, command: Literal["guest-exec"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestExec: ...
    @overload
    async def execute(
        self, command: Literal["guest-exec-status"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestExecStatus: ...
    @overload
    async def execute(
        self, command: Literal["guest-file-open"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> int: ...
    @overload
    async def execute(
        self, command: Literal["guest-file-read"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestFileRead: ...
    @overload
    async def execute(
        self, command: Literal["guest-file-seek"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestFileSeek: ...
    @overload
    async def execute(
        self, command: Literal["guest-file-write"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestFileWrite: ...
    @overload
    async def execute(
        self, command: Literal["guest-fsfreeze-freeze"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> int: ...
    @overload
    async def execute(
        self, command: Literal["guest-fsfreeze-freeze-list"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> int: ...
    @overload
    async def execute(
        self, command: Literal["guest-fsfreeze-status"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> str: ...
    @overload
    async def execute(
        self, command: Literal["guest-fsfreeze-thaw"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> int: ...
    @overload
    async def execute(
        self, command: Literal["guest-fstrim"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestFilesystemTrimResponse: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-cpustats"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GuestCpuStats]: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-devices"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GuestDeviceInfo]: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-disks"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GuestDiskInfo]: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-diskstats"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GuestDiskStatsInfo]: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-fsinfo"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GuestFilesystemInfo]: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-host-name"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestHostName: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-load"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestLoadAverage: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-memory-block-info"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestMemoryBlockInfo: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-memory-blocks"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GuestMemoryBlock]: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-osinfo"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestOSInfo: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-time"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> int: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-timezone"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestTimezone: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-users"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GuestUser]: ...
    @overload
    async def execute(
        self, command: Literal["guest-get-vcpus"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GuestLogicalProcessor]: ...
    @overload
    async def execute(
        self, command: Literal["guest-info"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestAgentInfo: ...
    @overload
    async def execute(
        self, command: Literal["guest-network-get-interfaces"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GuestNetworkInterface]: ...
    @overload
    async def execute(
        self, command: Literal["guest-network-get-route"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GuestNetworkRoute]: ...
    @overload
    async def execute(
        self, command: Literal["guest-set-memory-blocks"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GuestMemoryBlockResponse]: ...
    @overload
    async def execute(
        self, command: Literal["guest-set-vcpus"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> int: ...
    @overload
    async def execute(
        self, command: Literal["guest-ssh-get-authorized-keys"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuestAuthorizedKeys: ...
    @overload
    async def execute(
        self, command: Literal["guest-sync"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> int: ...
    @overload
    async def execute(
        self, command: Literal["guest-sync-delimited"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> int: ...
    @overload
    async def execute(
        self, command: Literal["human-monitor-command"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> str: ...
    @overload
    async def execute(
        self, command: Literal["qom-list"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[ObjectPropertyInfo]: ...
    @overload
    async def execute(
        self, command: Literal["qom-list-get"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[QomListGet]: ...
    @overload
    async def execute(
        self, command: Literal["qom-list-properties"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[ObjectPropertyInfo]: ...
    @overload
    async def execute(
        self, command: Literal["qom-list-types"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[ObjectTypeInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-accelerators"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> QueryAccelerators: ...
    @overload
    async def execute(
        self, command: Literal["query-acpi-ospm-status"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[ACPIOSTInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-alarm-clock"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> AlarmClock: ...
    @overload
    async def execute(
        self, command: Literal["query-alarm-methods"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[AlarmMethod]: ...
    @overload
    async def execute(
        self, command: Literal["query-audiodevs"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[Audiodev]: ...
    @overload
    async def execute(
        self, command: Literal["query-balloon"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> BalloonInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-block"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[BlockInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-block-exports"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[BlockExportInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-block-jobs"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[BlockJobInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-blockstats"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[BlockStats]: ...
    @overload
    async def execute(
        self, command: Literal["query-chardev"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[ChardevInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-chardev-backends"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[ChardevBackendInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-colo-status"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> COLOStatus: ...
    @overload
    async def execute(
        self, command: Literal["query-command-line-options"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[CommandLineOptionInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-commands"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[CommandInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-cpu-definitions"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[CpuDefinitionInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-cpu-model-baseline"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> CpuModelBaselineInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-cpu-model-comparison"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> CpuModelCompareInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-cpu-model-expansion"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> CpuModelExpansionInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-cpus-fast"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[CpuInfoFast]: ...
    @overload
    async def execute(
        self, command: Literal["query-cryptodev"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[QCryptodevInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-current-machine"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> CurrentMachineParams: ...
    @overload
    async def execute(
        self, command: Literal["query-dirty-rate"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> DirtyRateInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-display-options"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> DisplayOptions: ...
    @overload
    async def execute(
        self, command: Literal["query-dump"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> DumpQueryResult: ...
    @overload
    async def execute(
        self, command: Literal["query-dump-guest-memory-capability"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> DumpGuestMemoryCapability: ...
    @overload
    async def execute(
        self, command: Literal["query-events"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[EventInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-fdsets"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[FdsetInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-firmware-log"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> QueryFirmwareLog: ...
    @overload
    async def execute(
        self, command: Literal["query-gic-capabilities"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[GICCapability]: ...
    @overload
    async def execute(
        self, command: Literal["query-hotpluggable-cpus"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[HotpluggableCPU]: ...
    @overload
    async def execute(
        self, command: Literal["query-hv-balloon-status-report"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> HvBalloonInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-iothreads"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[IOThreadInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-jobs"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[JobInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-kvm"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> KvmInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-machines"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[MachineInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-memdev"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[Memdev]: ...
    @overload
    async def execute(
        self, command: Literal["query-memory-devices"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[MemoryDeviceInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-memory-size-summary"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> MemoryInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-mice"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[MouseInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-migrate"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> MigrationInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-migrate-capabilities"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[MigrationCapabilityStatus]: ...
    @overload
    async def execute(
        self, command: Literal["query-migrate-parameters"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> MigrationParameters: ...
    @overload
    async def execute(
        self, command: Literal["query-migrationthreads"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[MigrationThreadInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-name"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> NameInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-named-block-nodes"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[BlockDeviceInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-pci"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[PciInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-pr-managers"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[PRManagerInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-qmp-schema"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[SchemaInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-replay"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> ReplayInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-rocker"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> RockerSwitch: ...
    @overload
    async def execute(
        self, command: Literal["query-rocker-of-dpa-flows"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[RockerOfDpaFlow]: ...
    @overload
    async def execute(
        self, command: Literal["query-rocker-of-dpa-groups"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[RockerOfDpaGroup]: ...
    @overload
    async def execute(
        self, command: Literal["query-rocker-ports"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[RockerPort]: ...
    @overload
    async def execute(
        self, command: Literal["query-rx-filter"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[RxFilterInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-s390x-cpu-polarization"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> CpuPolarizationInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-sev"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> SevInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-sev-attestation-report"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> SevAttestationReport: ...
    @overload
    async def execute(
        self, command: Literal["query-sev-capabilities"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> SevCapability: ...
    @overload
    async def execute(
        self, command: Literal["query-sev-launch-measure"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> SevLaunchMeasureInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-sgx"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> SGXInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-sgx-capabilities"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> SGXInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-spice"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> SpiceInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-stats"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[StatsResult]: ...
    @overload
    async def execute(
        self, command: Literal["query-stats-schemas"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[StatsSchema]: ...
    @overload
    async def execute(
        self, command: Literal["query-status"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> StatusInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-target"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> TargetInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-tpm"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[TPMInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-tpm-models"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[str]: ...
    @overload
    async def execute(
        self, command: Literal["query-tpm-types"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[str]: ...
    @overload
    async def execute(
        self, command: Literal["query-uuid"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> UuidInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-vcpu-dirty-limit"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[DirtyLimitInfo]: ...
    @overload
    async def execute(
        self, command: Literal["query-version"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> VersionInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-vm-generation-id"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> GuidInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-vnc"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> VncInfo: ...
    @overload
    async def execute(
        self, command: Literal["query-vnc-servers"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[VncInfo2]: ...
    @overload
    async def execute(
        self, command: Literal["query-xen-replication-status"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> ReplicationStatus: ...
    @overload
    async def execute(
        self, command: Literal["query-yank"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[YankInstance]: ...
    @overload
    async def execute(
        self, command: Literal["request-ebpf"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> EbpfObject: ...
    @overload
    async def execute(
        self, command: Literal["ringbuf-read"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> str: ...
    @overload
    async def execute(
        self, command: Literal["trace-event-get-state"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[TraceEventInfo]: ...
    @overload
    async def execute(
        self, command: Literal["x-accel-stats"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> XAccelStats: ...
    @overload
    async def execute(
        self, command: Literal["x-debug-block-dirty-bitmap-sha256"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> BlockDirtyBitmapSha256: ...
    @overload
    async def execute(
        self, command: Literal["x-debug-query-block-graph"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> XDbgBlockGraph: ...
    @overload
    async def execute(
        self, command: Literal["x-query-interrupt-controllers"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> HumanReadableText: ...
    @overload
    async def execute(
        self, command: Literal["x-query-irq"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> HumanReadableText: ...
    @overload
    async def execute(
        self, command: Literal["x-query-jit"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> HumanReadableText: ...
    @overload
    async def execute(
        self, command: Literal["x-query-numa"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> HumanReadableText: ...
    @overload
    async def execute(
        self, command: Literal["x-query-opcount"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> HumanReadableText: ...
    @overload
    async def execute(
        self, command: Literal["x-query-profile"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> HumanReadableText: ...
    @overload
    async def execute(
        self, command: Literal["x-query-ramblock"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> HumanReadableText: ...
    @overload
    async def execute(
        self, command: Literal["x-query-rdma"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> HumanReadableText: ...
    @overload
    async def execute(
        self, command: Literal["x-query-roms"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> HumanReadableText: ...
    @overload
    async def execute(
        self, command: Literal["x-query-usb"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> HumanReadableText: ...
    @overload
    async def execute(
        self, command: Literal["x-query-virtio"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[VirtioInfo]: ...
    @overload
    async def execute(
        self, command: Literal["x-query-virtio-queue-element"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> VirtioQueueElement: ...
    @overload
    async def execute(
        self, command: Literal["x-query-virtio-queue-status"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> VirtQueueStatus: ...
    @overload
    async def execute(
        self, command: Literal["x-query-virtio-status"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> VirtioStatus: ...
    @overload
    async def execute(
        self, command: Literal["x-query-virtio-vhost-queue-status"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> VirtVhostQueueStatus: ...
    @overload
    async def execute(
        self, command: Literal["xen-event-list"],
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> list[EvtchnInfo]: ...
    @overload
    async def execute(
        self, command: Silent,
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> Empty: ...
    @overload
    async def execute(
        self, command: str,
        arguments: Mapping[str, Any] | None = ..., /, **members: Any,
    ) -> Any: ...
