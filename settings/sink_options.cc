#include "settings/sink_options.h"

namespace thresh {
namespace {

OptionTable RotationRows(SinkOptions& o) {
  return {{.key = "sink.rotate_bytes",
           .flag = "--rotate-bytes",
           .kind = OptionKind::kBytes,
           .target = &o.rotate_bytes,
           .help = "Put an output file of this size aside; 0: never",
           .reload = true},
          {.key = "sink.rotate_seconds",
           .flag = "--rotate-seconds",
           .kind = OptionKind::kSeconds,
           .target = &o.rotate_seconds,
           .help = "Put one of this age aside; 0: never",
           .reload = true},
          {.key = "sink.rotate_zstd",
           .flag = "--rotate-zstd",
           .kind = OptionKind::kBool,
           .target = &o.rotate_zstd,
           .help = "Compress the files put aside"},
          {.key = "sink.old_dir",
           .flag = "--old-dir",
           .kind = OptionKind::kPath,
           .target = &o.old_dir,
           .help = "Where a log rotator moves output files, if elsewhere",
           .unset = "beside them"}};
}

}  // namespace

OptionTable SinkTable(SinkOptions& o) {
  OptionTable table = {StateRow(&o.state_dir),
                       RunRow(&o.run_dir),
                       {.key = "paths.out",
                        .flag = "--out",
                        .kind = OptionKind::kPath,
                        .target = &o.out,
                        .help = "Folder of the output files, or - for standard output",
                        .unset = "out in the state folder"},
                       DurabilityRow(&o.durability),
                       {.key = "sink.max_records",
                        .flag = "--max-records",
                        .kind = OptionKind::kCount,
                        .target = &o.max_records,
                        .help = "Lines to write in all; 0: no limit"},
                       {.key = "sink.segment_bytes",
                        .flag = "--segment-bytes",
                        .kind = OptionKind::kBytes,
                        .target = &o.segment_bytes,
                        .help = "Size of the journal's files",
                        .least = 1},
                       {.key = "sink.ack_memory_bytes",
                        .flag = "--ack-memory-bytes",
                        .kind = OptionKind::kBytes,
                        .target = &o.ack_memory_bytes,
                        .help = "Of acknowledgements kept in memory; the rest is read back from "
                                "the journal"},
                       {.flag = "--accept-new-fetcher",
                        .kind = OptionKind::kBool,
                        .target = &o.accept_new_fetcher,
                        .help = "Forget the fetchers known so far when another one comes"},
                       {.flag = "--list-roots",
                        .kind = OptionKind::kChoice,
                        .target = &o.list_roots,
                        .help = "Instead of records, write the links that would begin jobs; they "
                                "are not asked for",
                        .choices = "no lines csv"}};
  Append(RotationRows(o), &table);
  Append(LogRows(o.log), &table);
  Append(TcpRows({"sink.listen", "sink.key", "sink.clients", "sink.listen_without_keys"}, o.tcp),
         &table);
  return table;
}

}  // namespace thresh
