// What an engine holds. The class is spread over engine.cc (steps and deliveries), engine_receive.cc (packets) and
// engine_commands.cc.
#pragma once

#include "engine.hpp"
#include "install_plan.hpp"
#include "random.hpp"
#include "ring.hpp"

namespace openais {

struct Engine::State {
  State(const EngineConfig& config, const Ports& ports, Time now);

  // engine.cc
  void begin_step(Time now);
  void end_step(Time now);
  void freeze(Time now, Ring& ring);
  Ring* running() const;
  Ring* by_handle(std::uint32_t handle) const;
  void note_consumer(Time now, bool has_room);
  void schedule(Time due) { peer_deadline_ = std::min(peer_deadline_, due); }

  // engine_receive.cc
  void receive(Time now, LinkIndex link, const Endpoint& from, MutableBytes datagram);
  void receive_short(Time now, LinkIndex link, const Endpoint& from, MutableBytes datagram);
  void receive_long(Time now, LinkIndex link, const Endpoint& from, MutableBytes datagram);
  Packet* open_data(Ring& ring, std::uint16_t member, std::uint64_t counter, Bytes header, Bytes sealed);
  void heard(Time now, Peer& peer, LinkIndex link, const Endpoint& from, std::uint64_t counter);
  void receive_control(Time now, Peer& peer, LinkIndex link, PacketType type, Bytes body);
  void answer_probe(const Peer& peer, LinkIndex link, const Endpoint& from, Bytes body);
  void receive_pong(Time now, Peer& peer, Bytes body);
  void challenge(Time now, Peer& peer);
  void send_probe(Time now, Peer& peer);
  void tick_peers(Time now);
  void refused(Time now, const Endpoint& to);

  // engine_commands.cc
  void command(Time now, Bytes frame);
  void refuse(RefusedReason reason) { events.refused(commands, reason); }
  void create_ring(Time now, Reader reader);
  bool hold_members(std::vector<RingMember>& members);
  void freeze_ring(Time now, Reader reader);
  void seal_ring(Reader reader);
  void begin_recovery(Reader reader);
  void start_token(Time now, Reader reader);
  void install(Time now, Reader reader);
  void deliver_old(Ring& old, const RingId& next, std::uint64_t high_delivered, const std::vector<NodeId>& delivers,
                   const std::vector<NodeId>& transitional);
  void destroy_ring(Reader reader);
  void send_control(Reader reader);
  void plug(Reader reader);
  void probe(Time now, Reader reader);
  void drain(Reader reader);
  void note_lag(Reader reader);
  std::unique_ptr<Ring> take(std::uint32_t handle);

  EngineConfig config;
  Ports ports;
  Stats stats;
  Events events;
  Outlet outlet;
  Packer packer;
  std::size_t payload_max;
  PacketPool pool;
  Delivery delivery;
  Peers peers;
  Random random;
  std::vector<std::unique_ptr<Ring>> rings;  // at most kMaxRings
  std::vector<std::uint8_t> scratch;
  Token token;

  std::uint32_t commands = 0;
  std::uint32_t lag_ms = 0;     // as the application told it last
  std::uint32_t unread_ms = 0;  // as the driver sees it
  bool is_draining = false;

  Time last_deadline = kNever;  // as it was after the step before: a step much later than it was a pause
  Time last_step;
  Time peer_deadline_ = kNever;
  Time stall_retry = kNever;  // deliveries had no room
  Time stalled_since = kNever;
  std::uint64_t stalled_at = 0;
  bool is_slow_told = false;
};

}  // namespace openais
