// The trace in a file that is mapped shared: what was recorded is in the file even if the process is killed at once
// (totem A27).
//
// The file: a header of 64 bytes, then records of 64 bytes (docs/BOUNDARY.md). Header, little-endian: 8 bytes
// "OAISTRC1", u64 capacity in records, u64 committed, u64 lost (records for which there was no room), zeros. Only
// `committed` records are valid.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "core/trace.hpp"

namespace openais {

class MappedTrace : public TraceSink {
 public:
  // Replaces what is at `path`. `bytes`: the size of the file, cut to whole records. Null: `error` says why.
  static std::unique_ptr<MappedTrace> create(const std::string& path, std::size_t bytes, std::string& error);
  ~MappedTrace() override;
  MappedTrace(const MappedTrace&) = delete;
  MappedTrace& operator=(const MappedTrace&) = delete;

  void record(const TraceRecord& record) override;

 private:
  struct Header {
    char magic[8];
    std::uint64_t capacity;
    std::atomic<std::uint64_t> committed;
    std::atomic<std::uint64_t> lost;
    std::uint64_t zero[4];
  };
  static_assert(sizeof(Header) == sizeof(TraceRecord));

  MappedTrace(void* mapping, std::size_t bytes);

  Header* header_;
  TraceRecord* records_;
  std::size_t bytes_;
};

}  // namespace openais
