// What a process did, in its own order, for the checker (docs/BOUNDARY.md). The driver decides where records go.
#pragma once

#include "types.hpp"

namespace openais {

struct TraceRecord {
  enum Kind : std::uint8_t { kConfiguration = 1, kSend = 2, kDeliver = 3, kMember = 4, kFreeze = 5, kStart = 6 };

  std::uint8_t kind = 0;
  std::uint8_t priority = 0;
  std::uint8_t flags = 0;
  std::uint8_t zero = 0;
  std::uint32_t length = 0;
  Time time = 0;
  RingId ring;
  std::uint64_t seq = 0;
  std::uint32_t ordinal = 0;
  std::uint32_t origin = 0;
  std::uint64_t hash = 0;
  std::uint64_t label = 0;
};
static_assert(sizeof(TraceRecord) == 64);

class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void record(const TraceRecord& record) = 0;
};

}  // namespace openais
