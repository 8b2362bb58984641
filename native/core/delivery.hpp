// Writes what the application sees, in its one order: messages and configuration changes (docs/BOUNDARY.md), and the
// trace of it.
#pragma once

#include <deque>
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
  bool safe = false;  // its packet is safe
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
  void configuration(const ConfigurationChange& change);

  // An install is one step: what it delivers is delivered, whether the application has room or not. Between these two
  // nothing is refused; what does not fit waits in memory of its own, in order, and flush() moves it on. Bounded by
  // what a ring stores.
  void begin_install() { is_installing_ = true; }
  void end_install() { is_installing_ = false; }
  // False: something still waits.
  bool flush();
  std::size_t waiting_bytes() const { return waiting_bytes_; }

  std::uint64_t consumed() const { return out_.tail(); }

 private:
  // Where a frame of that size goes; null if there is no room and it may be refused. finish_frame() after it was
  // written.
  std::uint8_t* begin_frame(std::size_t size, bool may_refuse);
  void finish_frame(std::size_t size);

  ByteRing& out_;
  TraceSink* trace_;
  Stats& stats_;
  Time now_ = 0;
  bool is_installing_ = false;
  bool is_frame_waiting_ = false;  // the frame that is being written goes behind those that wait
  std::deque<std::vector<std::uint8_t>> waiting_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace openais
