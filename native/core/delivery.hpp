// Writes what the application sees, in its one order: messages and configuration changes (docs/BOUNDARY.md), and the trace of it.
#pragma once

#include <string>
#include <vector>

#include "byte_ring.hpp"
#include "packet.hpp"
#include "stats.hpp"
#include "trace.hpp"

namespace openais {

struct MessageInfo {
  NodeId sender = kNoNode;
  RingId ring;
  std::uint64_t seq = 0;      // of the packet that completed it
  std::uint32_t ordinal = 0;  // among the messages that this packet completed
  Priority priority = Priority::kLow;
  bool safe = false;          // its packet is safe
  bool own = false;
};

struct ConfigurationChange {
  bool transitional = false;
  RingId ring;  // transitional: the ring that it leads to
  RingId old;
  std::vector<Identity> members;
};

class Delivery {
 public:
  Delivery(ByteRing& out, TraceSink* trace, Stats& stats) : out_(out), trace_(trace), stats_(stats) {}

  void set_now(Time now) { now_ = now; }
  // A message in two parts that lie apart. False: no room, nothing was written.
  bool message(const MessageInfo& info, Bytes head, Bytes tail);
  bool configuration(const ConfigurationChange& change);

  std::uint64_t consumed() const { return out_.tail(); }

 private:
  ByteRing& out_;
  TraceSink* trace_;
  Stats& stats_;
  Time now_ = 0;
};

}  // namespace openais
