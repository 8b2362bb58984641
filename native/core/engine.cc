#include "engine.hpp"

#include <algorithm>

#include "engine_state.hpp"

namespace openais {
namespace {

// How soon deliveries are tried again when the application's memory was full.
constexpr Time kStallRetry = kMillisecond;
// What installs may leave waiting for an application that does not read.
constexpr std::size_t kMaxWaitingBytes = 64u << 20;
// Rounds of a ring of one in a call: what it sends it delivers at once.
constexpr int kAloneRounds = 16;

std::size_t payload_max(const EngineConfig& config, std::size_t tag) {
  return config.datagram_size - ShortHeader::kSize - DataHeader::kSize - CopyHeader::kSize - tag;
}

std::size_t plain_max(const EngineConfig& config, std::size_t tag) {
  return config.datagram_size - ShortHeader::kSize - tag;
}

}  // namespace

Engine::State::State(const EngineConfig& config_in, const Ports& ports_in, Time now)
    : config(config_in),
      ports(ports_in),
      events(ports.events, stats),
      outlet(config, ports.protection, ports.transmitter, stats),
      packer(ports.submits, events, ports.trace != nullptr),
      payload_max(openais::payload_max(config, ports.protection.tag_size())),
      pool(plain_max(config, ports.protection.tag_size())),
      delivery(ports.deliveries, ports.trace, stats),
      peers(ports.protection),
      random(config.random_seed),
      scratch(kMaxControl),
      last_step(now) {
  if (ports.trace == nullptr) return;
  TraceRecord record;
  record.kind = TraceRecord::kStart;
  record.time = now;
  record.seq = config.self.incarnation;
  record.origin = config.self.node;
  ports.trace->record(record);
}

Ring* Engine::State::running() const {
  for (const auto& ring : rings)
    if (ring->mode() == RingMode::kRunning) return ring.get();
  return nullptr;
}

Ring* Engine::State::by_handle(std::uint32_t handle) const {
  for (const auto& ring : rings)
    if (ring->handle() == handle) return ring.get();
  return nullptr;
}

// Everything deliverable goes out first: what was delivered is then known exactly (totem 1.13, freeze rule).
void Engine::State::freeze(Time now, Ring& ring) {
  if (delivery.flush()) ring.deliver(now, delivery);
  ring.freeze(now);
}

void Engine::State::begin_step(Time now) {
  if (last_deadline != kNever && now > last_deadline + config.timers.pause) {
    const Ring* ring = running();
    events.paused(now - last_step, ring == nullptr ? 0 : now - ring->last_token());
    // Once a pause: the steps that follow it come at once.
    last_deadline = kNever;
  }
  last_step = now;
  for (const auto& ring : rings) {
    if (!ring->has_lost_token(now)) continue;
    freeze(now, *ring);
    events.token_loss(ring->handle());
  }
}

void Engine::State::end_step(Time now) {
  (void)now;
  events.flush();
  if (const std::uint8_t room = ports.submits.take_room()) events.room(room);
  if (is_draining) {
    const Ring* ring = running();
    if (ring != nullptr && ports.submits.empty() && ring->all_own_safe()) {
      is_draining = false;
      events.drained();
    }
  }
  stats.store_used = pool.used();
  stats.store_high = std::max(stats.store_high, stats.store_used);
}

void Engine::State::note_consumer(Time now, bool has_room) {
  if (Ring* ring = running()) ring->set_slow(!has_room);
  if (has_room) {
    stall_retry = stalled_since = kNever;
    is_slow_told = false;
    return;
  }
  stall_retry = now + kStallRetry;
  if (stalled_since == kNever || stalled_at != delivery.consumed()) {
    stalled_since = now;
    stalled_at = delivery.consumed();
    is_slow_told = false;
  }
  // Without any credit for so long, or with so much behind: not slow, but gone (A10).
  Ring* ring = running();
  const bool is_gone =
      now - stalled_since >= config.timers.slow_consumer || delivery.waiting_bytes() > kMaxWaitingBytes;
  if (!is_slow_told && ring != nullptr && is_gone) {
    events.slow(ring->handle());
    is_slow_told = true;
  }
  // It does not leave either: its loop hangs. All others wait for its store, and find out only without the token.
  if (ring != nullptr && ring->size() > 1 && now - stalled_since >= config.timers.slow_consumer * 3 / 2) {
    freeze(now, *ring);
    events.token_loss(ring->handle());
  }
}

Engine::Engine(const EngineConfig& config, const Ports& ports, Time now)
    : state_(std::make_unique<State>(config, ports, now)) {}

Engine::~Engine() {
  // Rings hold slots of the pool: they go first.
  state_->rings.clear();
}

void Engine::receive(Time now, PacketClass, LinkIndex link, const Endpoint& from, MutableBytes datagram) {
  state_->begin_step(now);
  state_->receive(now, link, from, datagram);
  state_->end_step(now);
}

void Engine::command(Time now, Bytes frame) {
  state_->begin_step(now);
  state_->command(now, frame);
  state_->end_step(now);
}

void Engine::tick(Time now) {
  state_->begin_step(now);
  for (std::size_t i = 0; i < state_->rings.size(); ++i) state_->rings[i]->tick(now);
  if (now >= state_->peer_deadline_) state_->tick_peers(now);
  state_->end_step(now);
}

void Engine::submitted(Time now) {
  state_->begin_step(now);
  if (Ring* ring = state_->running()) ring->submitted(now);
  state_->end_step(now);
}

void Engine::refused(Time now, const Endpoint& to) {
  state_->begin_step(now);
  state_->refused(now, to);
  state_->end_step(now);
}

void Engine::unread(std::uint32_t milliseconds) {
  state_->unread_ms = milliseconds;
}

bool Engine::deliver(Time now) {
  State& state = *state_;
  const std::uint64_t before = state.ports.deliveries.head();
  state.delivery.set_now(now);
  bool has_room = state.delivery.flush();
  Ring* ring = state.running();
  if (has_room && ring != nullptr) {
    has_room = ring->deliver(now, state.delivery);
    for (int i = 0; has_room && ring->size() == 1 && !state.packer.empty() && i < kAloneRounds; ++i) {
      ring->submitted(now);
      has_room = ring->deliver(now, state.delivery);
    }
  }
  state.note_consumer(now, has_room);
  state.end_step(now);
  state.last_deadline = deadline();
  return state.ports.deliveries.head() != before;
}

bool Engine::token_first() const {
  const Ring* ring = state_->running();
  return ring != nullptr && ring->token_first();
}

bool Engine::wants_wake() const {
  const Ring* ring = state_->running();
  return ring != nullptr && ring->wants_wake();
}

Time Engine::deadline() const {
  Time due = std::min(state_->peer_deadline_, state_->stall_retry);
  for (const auto& ring : state_->rings) due = std::min(due, ring->deadline());
  // A ring of one goes on by itself while something waits.
  const Ring* ring = state_->running();
  if (ring != nullptr && ring->size() == 1 && !state_->packer.empty())
    due = std::min(due, state_->last_step + kStallRetry);
  return due;
}

const Stats& Engine::stats() const {
  return state_->stats;
}

}  // namespace openais
