// Engines on a network in memory: a fixed delay, loss drawn from a seed, datagrams in order. Enough to see a ring turn without sockets;
// faults in all their variety are the simulator's (src/sim).
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "core/engine.hpp"
#include "core/events.hpp"
#include "core/plain_protection.hpp"
#include "core/random.hpp"

namespace openais::test {

struct Datagram {
  Time due;
  std::uint64_t order;
  std::size_t from;
  std::size_t to;
  PacketClass socket;
  std::vector<std::uint8_t> bytes;
  bool operator<(const Datagram& other) const { return due != other.due ? due > other.due : order > other.order; }
};

inline Endpoint endpoint_of(std::size_t index) {
  Endpoint endpoint;
  endpoint.port = static_cast<std::uint16_t>(index + 1);
  return endpoint;
}

class Frame {
 public:
  explicit Frame(std::uint8_t type) { append(FrameHeader{0, type, 0, 0, 0}); }
  template <typename T>
  Frame& put(const T& value) {
    append(value);
    return *this;
  }
  // An Identity has padding, whose bytes are anything.
  Frame& put(const Identity& identity) {
    return put(identity.node).put(std::uint32_t{0}).put(identity.incarnation).put(identity.salt);
  }
  Bytes bytes() {
    const auto size = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &size, 4);
    return bytes_;
  }

 private:
  template <typename T>
  void append(const T& value) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(&value);
    bytes_.insert(bytes_.end(), at, at + sizeof value);
  }
  std::vector<std::uint8_t> bytes_;
};

struct Delivered {
  NodeId sender;
  std::uint64_t seq;
  std::string text;
  bool operator==(const Delivered&) const = default;
};

class Cluster;

class Node : public Transmitter, public TraceSink {
 public:
  Node(Cluster& cluster, std::size_t index, const EngineConfig& config, Time now)
      : config(config), events(1 << 18), deliveries(1 << 22), submits(1 << 22), cluster_(cluster), index_(index) {
    engine = std::make_unique<Engine>(config, Engine::Ports{protection, *this, events, deliveries, submits, this}, now);
  }

  std::uint8_t* reserve(std::size_t size) override {
    buffer_.resize(size);
    return buffer_.data();
  }
  void commit(const Destination& destination, std::size_t size) override;
  void record(const TraceRecord& record) override { trace.push_back(record); }

  bool submit(Priority priority, const std::string& text, bool safe = false, std::uint64_t ticket = 0, RingId only_in = {}) {
    return submits.submit(priority, safe ? kSubmitSafe : 0, ticket, only_in,
                          Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  }

  // Moves what was delivered out of the ring of memory.
  void consume() {
    while (const std::uint8_t* frame = deliveries.front()) {
      FrameHeader header;
      std::memcpy(&header, frame, sizeof header);
      if (header.type == 1) {
        Delivered message;
        std::memcpy(&message.sender, frame + 8, 4);
        std::memcpy(&message.seq, frame + 16, 8);
        message.text.assign(reinterpret_cast<const char*>(frame) + 24, header.size - 24);
        delivered.push_back(std::move(message));
      } else {
        ++configurations;
      }
      deliveries.pop();
    }
  }

  EngineConfig config;
  PlainProtection protection;
  ByteRing events;
  ByteRing deliveries;
  SubmitQueues submits;
  std::unique_ptr<Engine> engine;
  std::vector<Delivered> delivered;
  std::vector<TraceRecord> trace;
  std::size_t configurations = 0;
  bool is_consuming = true;

 private:
  Cluster& cluster_;
  std::size_t index_;
  std::vector<std::uint8_t> buffer_;
};

class Cluster {
 public:
  explicit Cluster(std::size_t count, EngineConfig config = {}, std::uint16_t accelerated = 0, std::uint16_t window = 64)
      : random_({7, 8, 9, 10}), window_(window), accelerated_(accelerated) {
    for (std::size_t i = 0; i < count; ++i) {
      config.self = {static_cast<NodeId>(i + 1), 1, 0x1000 + i};
      nodes.push_back(std::make_unique<Node>(*this, i, config, now));
    }
  }

  // A ring of all: forming, first token, recovery of nothing, installed.
  void form() {
    for (auto& node : nodes) {
      Frame create(1);
      create.put(std::uint32_t{1}).put(window_).put(accelerated_).put(ring_id()).put(static_cast<std::uint16_t>(nodes.size()));
      create.put(std::uint16_t{0}).put(std::uint32_t{0});
      for (auto& member : nodes) create.put(member->config.self);
      node->engine->command(now, create.bytes());
    }
    introduce();
    nodes[0]->engine->command(now, Frame(5).put(std::uint32_t{1}).bytes());
    settle(*nodes[0]);
    run(50 * kMillisecond);
  }

  RingId ring_id() const { return {1, 0xabcd, 4}; }

  // Every node has to know the others' addresses: one packet from each tells.
  void introduce() {
    for (auto& node : nodes) {
      Frame leave(8);
      leave.put(std::uint32_t{0}).put(std::uint8_t{2}).put(std::uint8_t{0}).put(std::uint16_t{0});
      leave.put(ring_id()).put(std::uint16_t{1}).put(std::uint16_t{0}).put(std::uint32_t{0}).put(node->config.self.node);
      node->engine->command(now, leave.bytes());
      settle(*node);
    }
    run(kMillisecond);
  }

  void run(Time duration) {
    const Time end = now + duration;
    while (true) {
      Time next = in_flight.empty() ? kNever : in_flight.top().due;
      Node* due = nullptr;
      for (auto& node : nodes) {
        const Time deadline = node->engine->deadline();
        if (deadline < next) {
          next = std::max(deadline, now);
          due = node.get();
        }
      }
      if (next > end) break;
      now = std::max(now, next);
      if (due != nullptr) {
        due->engine->tick(now);
        settle(*due);
        continue;
      }
      Datagram datagram = in_flight.top();
      in_flight.pop();
      Node& node = *nodes[datagram.to];
      node.engine->receive(now, datagram.socket, 0, endpoint_of(datagram.from), datagram.bytes);
      settle(node);
    }
    now = end;
  }

  void submitted(std::size_t index) {
    if (nodes[index]->engine->wants_wake()) nodes[index]->engine->submitted(now);
    settle(*nodes[index]);
  }

  void transmit(std::size_t from, const Destination& destination, Bytes bytes) {
    for (std::size_t to = 0; to < nodes.size(); ++to) {
      if (!destination.multicast && destination.to != endpoint_of(to)) continue;
      if (cut && cut(from, to)) continue;
      const double draw = static_cast<double>(random_.next() >> 11) * 0x1p-53;
      if (to != from && draw < (destination.socket == PacketClass::kToken ? token_loss : loss)) continue;
      in_flight.push({now + delay, order_++, from, to, destination.socket, {bytes.begin(), bytes.end()}});
    }
  }

  // What a driver does after a step; membership's answer to `recovered` stands in for TypeScript.
  void settle(Node& node) {
    node.engine->deliver(now);
    if (node.is_consuming) node.consume();
    while (const std::uint8_t* frame = node.events.front()) {
      FrameHeader header;
      std::memcpy(&header, frame, sizeof header);
      event_types.push_back(header.type);
      std::uint32_t handle = 0;
      if (header.size > 8) std::memcpy(&handle, frame + 8, 4);
      node.events.pop();
      if (header.type == static_cast<std::uint8_t>(EventType::kRecovered)) {
        node.engine->command(now, Frame(6).put(handle).put(std::uint32_t{0}).put(std::uint64_t{0}).put(std::uint64_t{0}).bytes());
        node.engine->deliver(now);
      }
    }
  }

  bool saw(EventType type) const {
    return std::find(event_types.begin(), event_types.end(), static_cast<std::uint8_t>(type)) != event_types.end();
  }

  Time now = 1'000'000'000;
  Time delay = 20'000;
  double loss = 0;
  double token_loss = 0;
  std::function<bool(std::size_t, std::size_t)> cut;
  std::priority_queue<Datagram> in_flight;
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::uint8_t> event_types;

 private:
  Random random_;
  std::uint64_t order_ = 0;
  std::uint16_t window_;
  std::uint16_t accelerated_;
};

inline void Node::commit(const Destination& destination, std::size_t size) {
  cluster_.transmit(index_, destination, Bytes(buffer_.data(), size));
}

}  // namespace openais::test
