// Commands of membership (docs/BOUNDARY.md): parsed completely, checked against the modes of the rings, carried out or
// refused.
#include <algorithm>

#include "engine_state.hpp"

namespace openais {
namespace {

enum class CommandType : std::uint8_t {
  kCreateRing = 1,
  kFreeze = 2,
  kSeal = 3,
  kRecoveryBegin = 4,
  kTokenStart = 5,
  kInstall = 6,
  kDestroy = 7,
  kControl = 8,
  kPlug = 9,
  kProbe = 10,
  kDrain = 11,
  kLag = 12,
  kSubmit = 15,
};

constexpr std::uint32_t kMaxProbes = 1000;

}  // namespace

void Engine::State::command(Time now, Bytes frame) {
  ++commands;
  if (frame.size() < kFrameHeader) return refuse(RefusedReason::kMalformed);
  FrameHeader header;
  std::memcpy(&header, frame.data(), sizeof header);
  if (header.size < kFrameHeader || header.size > frame.size()) return refuse(RefusedReason::kMalformed);
  Reader reader(frame.first(header.size).subspan(kFrameHeader));
  switch (static_cast<CommandType>(header.type)) {
    case CommandType::kCreateRing:
      return create_ring(now, reader);
    case CommandType::kFreeze:
      return freeze_ring(now, reader);
    case CommandType::kSeal:
      return seal_ring(reader);
    case CommandType::kRecoveryBegin:
      return begin_recovery(reader);
    case CommandType::kTokenStart:
      return start_token(now, reader);
    case CommandType::kInstall:
      return install(now, reader);
    case CommandType::kDestroy:
      return destroy_ring(reader);
    case CommandType::kControl:
      return send_control(reader);
    case CommandType::kPlug:
      return plug(reader);
    case CommandType::kProbe:
      return probe(now, reader);
    case CommandType::kDrain:
      return drain(reader);
    case CommandType::kLag:
      return note_lag(reader);
    case CommandType::kSubmit:
      if (header.a >= kPriorities ||
          !ports.submits.submit(static_cast<Priority>(header.a), header.b, 0, RingId{}, reader.take(reader.left())))
        refuse(RefusedReason::kMalformed);
      return;
  }
  refuse(RefusedReason::kMalformed);
}

void Engine::State::create_ring(Time now, Reader reader) {
  RingSetup setup;
  setup.handle = reader.u32();
  setup.window = reader.u16();
  setup.accelerated_window = reader.u16();
  setup.id = reader.ring_id();
  const std::size_t count = reader.u16();
  reader.zeros(6);
  if (!reader.ok() || setup.handle == 0 || count == 0 || count > kMaxMembers || setup.window == 0 ||
      setup.window > kMaxWindow)
    return refuse(RefusedReason::kMalformed);
  bool has_self = false;
  for (std::size_t i = 0; i < count; ++i) {
    const Identity identity = reader.identity();
    if (!setup.members.empty() && identity.node <= setup.members.back().identity.node)
      return refuse(RefusedReason::kMalformed);
    if (identity == config.self) {
      has_self = true;
      setup.self = static_cast<std::uint16_t>(i);
    }
    setup.members.push_back({identity, nullptr});
  }
  if (!reader.done() || !has_self) return refuse(RefusedReason::kMalformed);
  if (by_handle(setup.handle) != nullptr) return refuse(RefusedReason::kHandleInUse);
  if (rings.size() >= kMaxRings) return refuse(RefusedReason::kTooMany);
  // Each is held until the ring itself holds it: to make room for one must not forget another.
  const bool has_all = hold_members(setup.members);
  if (has_all) {
    const RingContext context{config, outlet, events, packer, pool, stats, ports.trace, payload_max};
    rings.push_back(std::make_unique<Ring>(context, setup, now));
  } else {
    refuse(RefusedReason::kTooMany);
  }
  for (const RingMember& member : setup.members) {
    if (member.peer == nullptr) continue;
    --member.peer->members_of;
    // Its entry in a commit token of this very ring is an answer to a nonce (A20).
    if (has_all) member.peer->fresh = true;
  }
}

bool Engine::State::hold_members(std::vector<RingMember>& members) {
  for (RingMember& member : members) {
    if (member.identity == config.self) continue;
    member.peer = peers.add(member.identity);
    if (member.peer == nullptr) return false;
    ++member.peer->members_of;
  }
  return true;
}

void Engine::State::freeze_ring(Time now, Reader reader) {
  Ring* ring = by_handle(reader.u32());
  if (!reader.done()) return refuse(RefusedReason::kMalformed);
  if (ring == nullptr) return refuse(RefusedReason::kNoSuchRing);
  freeze(now, *ring);
  events.summary(ring->summary());
}

void Engine::State::seal_ring(Reader reader) {
  Ring* ring = by_handle(reader.u32());
  if (!reader.done()) return refuse(RefusedReason::kMalformed);
  if (ring == nullptr) return refuse(RefusedReason::kNoSuchRing);
  if (ring->mode() != RingMode::kFrozen && ring->mode() != RingMode::kSealed) return refuse(RefusedReason::kWrongMode);
  ring->seal();
  events.summary(ring->summary());
}

void Engine::State::begin_recovery(Reader reader) {
  Ring* ring = by_handle(reader.u32());
  Ring* old = by_handle(reader.u32());
  const std::uint64_t low_aru = reader.u64();
  const bool copy = reader.u8() != 0;
  reader.zeros(7);
  const std::size_t count = reader.u16();
  reader.zeros(6);
  if (!reader.ok() || count > kMaxMembers) return refuse(RefusedReason::kMalformed);
  std::vector<std::uint16_t> indexes;
  for (std::size_t i = 0; i < count; ++i) indexes.push_back(reader.u16());
  reader.zeros((4 - count % 4) % 4 * 2);
  const std::size_t table_size = reader.u16();
  reader.zeros(6);
  if (!reader.ok() || table_size > kMaxMembers) return refuse(RefusedReason::kMalformed);
  std::vector<RingId> table;
  for (std::size_t i = 0; i < table_size; ++i) table.push_back(reader.ring_id());
  if (!reader.done()) return refuse(RefusedReason::kMalformed);
  if (ring == nullptr || old == nullptr) return refuse(RefusedReason::kNoSuchRing);
  if (ring->mode() != RingMode::kForming || old->mode() != RingMode::kSealed) return refuse(RefusedReason::kWrongMode);
  if (count != ring->size()) return refuse(RefusedReason::kMalformed);
  std::vector<bool> shares_old;
  for (const std::uint16_t index : indexes) {
    if (index >= table.size()) return refuse(RefusedReason::kMalformed);
    shares_old.push_back(table[index] == old->id());
  }
  ring->begin_recovery(old, low_aru, copy, std::move(shares_old));
}

void Engine::State::start_token(Time now, Reader reader) {
  Ring* ring = by_handle(reader.u32());
  if (!reader.done()) return refuse(RefusedReason::kMalformed);
  if (ring == nullptr) return refuse(RefusedReason::kNoSuchRing);
  if (!ring->may_start_token()) return refuse(RefusedReason::kWrongMode);
  ring->start_token(now);
}

void Engine::State::install(Time now, Reader reader) {
  Ring* ring = by_handle(reader.u32());
  const std::uint32_t old_handle = reader.u32();
  const std::uint64_t high_delivered = reader.u64();
  const std::size_t deliver_count = reader.u16();
  const std::size_t transitional_count = reader.u16();
  reader.zeros(4);
  if (!reader.ok() || deliver_count > kMaxMembers || transitional_count > kMaxMembers)
    return refuse(RefusedReason::kMalformed);
  std::vector<NodeId> delivers;
  std::vector<NodeId> transitional;
  for (std::size_t i = 0; i < deliver_count; ++i) delivers.push_back(reader.u32());
  for (std::size_t i = 0; i < transitional_count; ++i) transitional.push_back(reader.u32());
  if (!reader.done()) return refuse(RefusedReason::kMalformed);
  if (ring == nullptr || (old_handle != 0 && by_handle(old_handle) == nullptr))
    return refuse(RefusedReason::kNoSuchRing);
  if (!ring->may_install()) return refuse(RefusedReason::kWrongMode);
  if (old_handle != 0 && by_handle(old_handle)->mode() != RingMode::kSealed) return refuse(RefusedReason::kWrongMode);

  // One step, whatever room the application has: what is decided here is delivered.
  const std::unique_ptr<Ring> old = old_handle != 0 ? take(old_handle) : nullptr;
  ConfigurationChange change;
  change.ring = ring->id();
  if (old != nullptr) change.old = old->id();
  for (const RingMember& member : ring->members()) change.members.push_back(member.identity);
  delivery.set_now(now);
  delivery.begin_install();
  if (old != nullptr) deliver_old(*old, ring->id(), high_delivered, delivers, transitional);
  delivery.configuration(change);
  delivery.end_install();
  packer.restart();
  ring->install(now);
  events.installed(ring->handle());
}

void Engine::State::deliver_old(Ring& old, const RingId& next, std::uint64_t high_delivered,
                                const std::vector<NodeId>& delivers, const std::vector<NodeId>& transitional) {
  const auto named = [](const std::vector<NodeId>& nodes, NodeId node) {
    return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
  };
  std::vector<bool> is_deliverer;
  ConfigurationChange change;
  change.transitional = true;
  change.ring = next;
  change.old = old.id();
  for (const RingMember& member : old.members()) {
    is_deliverer.push_back(named(delivers, member.identity.node));
    if (named(transitional, member.identity.node)) change.members.push_back(member.identity);
  }
  const InstallPlan plan = plan_install(old.store(), old.delivered(), high_delivered, is_deliverer);
  for (const std::uint64_t seq : plan.regular) old.deliver_planned(seq, delivery);
  delivery.configuration(change);
  for (const std::uint64_t seq : plan.transitional) old.deliver_planned(seq, delivery);
}

std::unique_ptr<Ring> Engine::State::take(std::uint32_t handle) {
  const auto at = std::find_if(rings.begin(), rings.end(), [&](const auto& ring) { return ring->handle() == handle; });
  std::unique_ptr<Ring> ring = std::move(*at);
  rings.erase(at);
  // A forming ring that recovers from it must not look at it any more.
  for (const auto& other : rings) other->forget_old(ring.get());
  return ring;
}

void Engine::State::destroy_ring(Reader reader) {
  const std::uint32_t handle = reader.u32();
  if (!reader.done()) return refuse(RefusedReason::kMalformed);
  Ring* ring = by_handle(handle);
  if (ring == nullptr) return refuse(RefusedReason::kNoSuchRing);
  // A ring that was installed goes by the install of the next one alone: what it holds may have to be delivered.
  if (ring->was_installed()) return refuse(RefusedReason::kWrongMode);
  take(handle);
}

void Engine::State::send_control(Reader reader) {
  const NodeId node = reader.u32();
  const auto type = static_cast<PacketType>(reader.u8());
  reader.zeros(3);
  const Bytes body = reader.take(reader.left());
  if (!reader.ok() || !check_control(type, body)) return refuse(RefusedReason::kMalformed);
  Destination to{PacketClass::kData, true, {}, outlet.all_links()};
  if (node != kNoNode) {
    const Peer* peer = peers.reachable(node);
    if (peer == nullptr) return refuse(RefusedReason::kNoPeer);
    to = {PacketClass::kToken, false, peer->endpoint, static_cast<LinkMask>(1u << peer->link)};
  }
  outlet.send_long(type, body, to);
}

void Engine::State::plug(Reader reader) {
  const std::uint32_t mask = reader.u32();
  if (!reader.done()) return refuse(RefusedReason::kMalformed);
  packer.plug(static_cast<std::uint8_t>(mask));
}

void Engine::State::drain(Reader reader) {
  if (!reader.done()) return refuse(RefusedReason::kMalformed);
  is_draining = true;
}

void Engine::State::note_lag(Reader reader) {
  const std::uint32_t milliseconds = reader.u32();
  if (!reader.done()) return refuse(RefusedReason::kMalformed);
  lag_ms = milliseconds;
}

void Engine::State::probe(Time now, Reader reader) {
  Peer* peer = peers.reachable(reader.u32());
  const std::uint32_t count = reader.u32();
  const Time interval = reader.u64();
  if (!reader.done() || count == 0 || count > kMaxProbes) return refuse(RefusedReason::kMalformed);
  if (peer == nullptr) return refuse(RefusedReason::kNoPeer);
  peer->report_pongs = true;
  peer->probes_left = count;
  peer->probe_interval = interval;
  peer->probe_due = now;
  schedule(now);
}

}  // namespace openais
