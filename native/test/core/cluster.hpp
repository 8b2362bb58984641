// Engines on a network in memory: delay, loss, copies and disorder drawn from a seed. Enough to see rings turn without
// sockets; faults in all their variety are the simulator's (src/sim).
#pragma once

#include <queue>

#include "core/random.hpp"
#include "node.hpp"

namespace openais::test {

struct Datagram {
  Time due;
  std::uint64_t order;
  std::size_t from;
  std::size_t to;
  PacketClass socket;
  std::vector<std::uint8_t> bytes;
  bool operator<(const Datagram& other) const { return due != other.due ? due > other.due : order > other.order; }
  PacketType type() const { return static_cast<PacketType>(bytes[0] & 15); }
};

inline Endpoint endpoint_of(std::size_t index) {
  Endpoint endpoint;
  endpoint.port = static_cast<std::uint16_t>(index + 1);
  return endpoint;
}

class Cluster {
 public:
  using Sealing = std::function<std::unique_ptr<Protection>(const Identity&)>;

  explicit Cluster(std::size_t count, EngineConfig config = {}, std::uint16_t accelerated = 0,
                   std::uint16_t window = 64, const Memory& memory = {}, Sealing sealing = plain)
      : window(window), accelerated(accelerated), sealing_(std::move(sealing)), random_({7, 8, 9, 10}) {
    for (std::size_t i = 0; i < count; ++i) {
      config.self = {static_cast<NodeId>(i + 1), 1, 0x1000 + i};
      nodes.push_back(make_node(i, config, memory));
    }
  }

  // The process dies and starts again: another incarnation, another memory.
  void restart(std::size_t index, std::uint64_t incarnation) {
    EngineConfig config = nodes[index]->config;
    config.self.incarnation = incarnation;
    config.self.salt += 0x10000;
    nodes[index] = make_node(index, config, {});
  }

  // A ring of all: forming, first token, recovery of nothing, installed.
  void form() {
    std::vector<Identity> members;
    for (auto& node : nodes) members.push_back(node->config.self);
    for (auto& node : nodes) command(*node, command::create_ring(1, window, accelerated, ring_id(), members));
    introduce();
    command(*nodes[0], command::token_start(1));
    run(50 * kMillisecond);
  }

  RingId ring_id() const { return {1, 0xabcd, 4}; }

  // Every node has to know the others' addresses: one packet from each tells.
  void introduce() {
    for (auto& node : nodes)
      if (!node->is_dead)
        command(*node, command::control(kNoNode, PacketType::kMergeDetect,
                                        body::merge_detect(ring_id(), {node->config.self.node})));
    run(kMillisecond);
  }

  void command(Node& node, Frame frame) {
    node.engine->command(now, frame.bytes());
    settle(node);
  }

  void run(Time duration) {
    const Time end = now + duration;
    while (true) {
      Time next = in_flight.empty() ? kNever : in_flight.top().due;
      Node* due = nullptr;
      for (auto& node : nodes) {
        const Time deadline = node->is_dead ? kNever : node->engine->deadline();
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
      } else {
        receive_next();
      }
    }
    now = end;
  }

  void submitted(std::size_t index) {
    if (nodes[index]->engine->wants_wake()) nodes[index]->engine->submitted(now);
    settle(*nodes[index]);
  }

  // Submits and tells.
  bool send(std::size_t index, Priority priority, const std::string& text, bool safe = false) {
    const bool is_taken = nodes[index]->submit(priority, text, safe);
    submitted(index);
    return is_taken;
  }

  // What a driver does after a step; membership's answer to `recovered` stands in for TypeScript.
  void settle(Node& node) {
    node.engine->deliver(now);
    if (node.is_consuming) node.consume();
    for (const SeenEvent& event : node.take_events())
      if (event.type == EventType::kRecovered) on_recovered(node, event.handle());
  }

  bool saw(EventType type) const {
    return std::any_of(nodes.begin(), nodes.end(), [&](const auto& node) { return node->saw(type); });
  }

  Time now = 1'000'000'000;
  Time delay = 20'000;
  Time jitter = 0;  // up to so much later, each datagram for itself: disorder
  double loss = 0;
  double token_loss = 0;
  double duplicate = 0;  // of each datagram, another copy
  std::function<bool(std::size_t, std::size_t)> cut;
  std::function<bool(Datagram&)> filter;  // false: lost; it may also change what it sees
  std::vector<Time> token_echoes;         // each token comes again so much later
  std::function<void(Node&, std::uint32_t)> on_recovered = [this](Node& node, std::uint32_t handle) {
    command(node, command::install(handle, 0, 0, {}, {}));
  };
  std::priority_queue<Datagram> in_flight;
  std::vector<std::unique_ptr<Node>> nodes;
  std::uint16_t window;
  std::uint16_t accelerated;

 private:
  std::unique_ptr<Node> make_node(std::size_t index, const EngineConfig& config, const Memory& memory) {
    const auto wire = [this, index](const Destination& to, Bytes bytes) { transmit(index, to, bytes); };
    return std::make_unique<Node>(config, memory, wire, now, sealing_(config.self));
  }

  void receive_next() {
    Datagram datagram = in_flight.top();
    in_flight.pop();
    Node& node = *nodes[datagram.to];
    if (node.is_dead) return;
    node.engine->receive(now, datagram.socket, 0, endpoint_of(datagram.from), datagram.bytes);
    settle(node);
  }

  void echo(const Datagram& token) {
    for (const Time later : token_echoes) {
      Datagram copy = token;
      copy.due += later;
      copy.order = order_++;
      in_flight.push(std::move(copy));
    }
  }

  double draw() { return static_cast<double>(random_.next() >> 11) * 0x1p-53; }

  void transmit(std::size_t from, const Destination& destination, Bytes bytes) {
    for (std::size_t to = 0; to < nodes.size(); ++to) {
      if (!destination.multicast && destination.to != endpoint_of(to)) continue;
      if (cut && cut(from, to)) continue;
      const bool is_token = destination.socket == PacketClass::kToken;
      if (to != from && draw() < (is_token ? token_loss : loss)) continue;
      const int copies = duplicate > 0 && draw() < duplicate ? 2 : 1;
      for (int i = 0; i < copies; ++i) {
        const Time late = jitter == 0 ? 0 : random_.next() % jitter;
        Datagram datagram{now + delay + late, order_++, from, to, destination.socket, {bytes.begin(), bytes.end()}};
        if (filter && !filter(datagram)) continue;
        in_flight.push(datagram);
        if (datagram.type() == PacketType::kToken) echo(datagram);
      }
    }
  }

  static std::unique_ptr<Protection> plain(const Identity&) { return std::make_unique<PlainProtection>(); }

  Sealing sealing_;
  Random random_;
  std::uint64_t order_ = 0;
};

}  // namespace openais::test
