// An engine with its memory, as a driver would hold it: what it sends goes to a wire, what it says is kept for tests to
// read.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "core/engine.hpp"
#include "core/events.hpp"
#include "core/plain_protection.hpp"

namespace openais::test {

struct Delivered {
  NodeId sender;
  std::uint64_t seq;
  std::string text;
  Priority priority{};
  bool safe = false;
  bool operator==(const Delivered&) const = default;
};

// A configuration change, and how many messages had been delivered before it.
struct Changed {
  bool transitional;
  RingId ring;
  RingId old;
  std::vector<NodeId> members;
  std::size_t after;
  bool operator==(const Changed&) const = default;
};

struct SeenEvent {
  EventType type;
  std::uint8_t a;
  std::vector<std::uint8_t> body;

  Reader reader() const { return Reader(body); }
  std::uint32_t handle() const { return reader().u32(); }
};

inline RingSummary summary_of(const SeenEvent& event) {
  Reader reader = event.reader();
  RingSummary summary;
  summary.handle = reader.u32();
  summary.mode = static_cast<RingMode>(reader.u8());
  summary.received_flag = reader.u8() != 0;
  reader.u16();
  summary.aru = reader.u64();
  summary.high = reader.u64();
  summary.high_delivered = reader.u64();
  return summary;
}

inline Bytes bytes_of(const std::string& text) {
  return Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

// Bytes of memory between the engine and its application; powers of two.
struct Memory {
  std::size_t events = 1 << 18;
  std::size_t deliveries = 1 << 22;
  std::size_t submits = 1 << 22;
};

class Node : public Transmitter, public TraceSink {
 public:
  using Wire = std::function<void(const Destination&, Bytes)>;

  Node(const EngineConfig& config, const Memory& memory, Wire wire, Time now,
       std::unique_ptr<Protection> sealing = std::make_unique<PlainProtection>())
      : config(config),
        protection(std::move(sealing)),
        events(memory.events),
        deliveries(memory.deliveries),
        submits(memory.submits),
        wire_(std::move(wire)) {
    const Engine::Ports ports{*protection, *this, events, deliveries, submits, this};
    engine = std::make_unique<Engine>(config, ports, now);
  }

  std::uint8_t* reserve(std::size_t size) override {
    buffer_.resize(size);
    return buffer_.data();
  }
  void commit(const Destination& destination, std::size_t size) override { wire_(destination, {buffer_.data(), size}); }
  void record(const TraceRecord& record) override { trace.push_back(record); }

  bool submit(Priority priority, const std::string& text, bool safe = false, std::uint64_t ticket = 0,
              RingId only_in = {}) {
    return submits.submit(priority, safe ? kSubmitSafe : 0, ticket, only_in, bytes_of(text));
  }

  // Moves up to `most` of what was delivered out of the ring of memory.
  void consume(std::size_t most = ~std::size_t{0}) {
    for (; most > 0; --most) {
      const std::uint8_t* frame = deliveries.front();
      if (frame == nullptr) return;
      consume(frame);
      deliveries.pop();
    }
  }

  // Takes what the engine said since the last call.
  std::vector<SeenEvent> take_events() {
    std::vector<SeenEvent> taken;
    while (const std::uint8_t* frame = events.front()) {
      FrameHeader header;
      std::memcpy(&header, frame, sizeof header);
      taken.push_back({static_cast<EventType>(header.type), header.a, {frame + 8, frame + header.size}});
      events.pop();
    }
    seen.insert(seen.end(), taken.begin(), taken.end());
    return taken;
  }

  std::size_t count(EventType type) const {
    return static_cast<std::size_t>(
        std::count_if(seen.begin(), seen.end(), [&](const SeenEvent& event) { return event.type == type; }));
  }
  bool saw(EventType type) const { return count(type) > 0; }
  // REQUIRES saw(type).
  const SeenEvent& last(EventType type) const {
    return *std::find_if(seen.rbegin(), seen.rend(), [&](const SeenEvent& event) { return event.type == type; });
  }
  const Stats& stats() const { return engine->stats(); }
  std::uint64_t dropped(Drop reason) const { return stats().dropped[static_cast<std::size_t>(reason)]; }

  EngineConfig config;
  std::unique_ptr<Protection> protection;
  ByteRing events;
  ByteRing deliveries;
  SubmitQueues submits;
  std::unique_ptr<Engine> engine;
  std::vector<Delivered> delivered;
  std::vector<Changed> changes;
  std::vector<SeenEvent> seen;
  std::vector<TraceRecord> trace;
  bool is_consuming = true;
  bool is_dead = false;

 private:
  void consume(const std::uint8_t* frame) {
    FrameHeader header;
    std::memcpy(&header, frame, sizeof header);
    Reader reader(Bytes(frame + 8, header.size - 8));
    if (header.type == 1) {
      Delivered message{reader.u32(), 0, {}, static_cast<Priority>(header.a), (header.b & 1) != 0};
      reader.u32();
      message.seq = reader.u64();
      const Bytes text = reader.take(reader.left());
      message.text.assign(text.begin(), text.end());
      delivered.push_back(std::move(message));
      return;
    }
    Changed change{header.a == 1, reader.ring_id(), reader.ring_id(), {}, delivered.size()};
    const std::size_t members = reader.u16();
    reader.zeros(6);
    for (std::size_t i = 0; i < members; ++i) change.members.push_back(reader.identity().node);
    changes.push_back(std::move(change));
  }

  Wire wire_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace openais::test
