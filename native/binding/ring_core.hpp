// `RingCore` for JavaScript: an engine with its memory, without sockets, clock or thread. The simulator drives it by
// calls, so that the code it tests is the code that runs.
#pragma once

#include <memory>

#include "binding/frame_collector.hpp"
#include "binding/values.hpp"
#include "core/engine.hpp"

namespace openais {

class RingCore {
 public:
  // Null: it threw.
  static std::unique_ptr<RingCore> create(ValueReader& reader, napi_value options, napi_value now);

  Engine& engine() { return engine_; }
  ByteRing& events() { return events_; }
  ByteRing& deliveries() { return deliveries_; }
  SubmitQueues& submits() { return submits_; }
  FrameCollector& sends() { return sends_; }
  TraceCollector& trace() { return trace_; }

  // The caller's datagram stays as it is; the engine opens a copy.
  void receive(Time now, PacketClass socket, LinkIndex link, std::uint16_t from_port, Bytes datagram);

  // The largest message that fits into queues and deliveries of this size.
  std::size_t max_message() const { return max_message_; }
  std::size_t links() const { return config_.links; }
  // What V8 does not see: it would collect late.
  std::int64_t memory_bytes() const { return memory_bytes_; }

 private:
  struct Sizes {
    std::size_t events, deliveries, submits;
  };

  RingCore(const EngineConfig& config, const Sizes& sizes, std::unique_ptr<Protection> protection, bool traced,
           Time now);

  EngineConfig config_;
  std::unique_ptr<Protection> protection_;
  ByteRing events_;
  ByteRing deliveries_;
  SubmitQueues submits_;
  FrameCollector sends_;
  TraceCollector trace_;
  Engine engine_;
  std::unique_ptr<std::uint8_t[]> datagram_;
  std::size_t max_message_;
  std::int64_t memory_bytes_;
};

}  // namespace openais
