// Packets: authenticated, checked against replay, parsed completely, and only then given to a ring or to TypeScript.
#include <algorithm>

#include "engine_state.hpp"

namespace openais {
namespace {

// A process that introduces itself is challenged at most so often, and probed so often after a refusal by its host
// (A29).
constexpr Time kChallengeInterval = 10 * kMillisecond;
constexpr std::uint32_t kRefusalProbes = 4;

}  // namespace

void Engine::State::receive(Time now, LinkIndex link, const Endpoint& from, MutableBytes datagram) {
  ++stats.packets_received;
  stats.bytes_received += datagram.size();
  if (datagram.empty()) return stats.drop(Drop::kTooShort);
  const auto type = packet_type(datagram);
  if (!type) return stats.drop(Drop::kVersion);
  if (is_short(*type)) {
    receive_short(now, link, from, datagram);
  } else {
    receive_long(now, link, from, datagram);
  }
}

void Engine::State::receive_short(Time now, LinkIndex link, const Endpoint& from, MutableBytes datagram) {
  const std::size_t tag = outlet.tag_size();
  const auto header = read_short_header(datagram);
  if (!header || datagram.size() < ShortHeader::kSize + tag) return stats.drop(Drop::kTooShort);
  if (header->sender_tag == config.self.tag()) return stats.drop(Drop::kOwn);
  if (header->key_slot != config.key_slot) return stats.drop(Drop::kUnknownSender);
  const std::size_t largest = header->type == PacketType::kData ? config.datagram_size : scratch.size();
  if (datagram.size() > largest) return stats.drop(Drop::kMalformed);
  Ring* ring = nullptr;
  for (const auto& candidate : rings)
    if (candidate->id().nonce == header->ring_tag) ring = candidate.get();
  if (ring == nullptr) return stats.drop(Drop::kUnknownRing);
  const Bytes clear = datagram.first(ShortHeader::kSize);
  const MutableBytes sealed = datagram.subspan(ShortHeader::kSize);
  Drop reason = Drop::kUnknownSender;
  // Tags are random: two members of one tag are possible, and told apart by their keys.
  for (std::uint16_t member = ring->member_by_tag(header->sender_tag); member != kNoMember;
       member = ring->member_by_tag(header->sender_tag, static_cast<std::uint16_t>(member + 1))) {
    Peer& peer = *ring->members()[member].peer;
    const std::uint64_t counter = widen(header->counter_low, peer.window.highest());
    if (!peer.window.is_new(counter)) {
      reason = Drop::kReplayed;
      continue;
    }
    if (header->type == PacketType::kData) {
      const std::size_t plain = sealed.size() - tag;
      if (plain < DataHeader::kSize) return stats.drop(Drop::kMalformed);
      if (Packet* packet = open_data(*ring, member, counter, clear, sealed)) {
        heard(now, peer, link, from, counter);
        return ring->receive_data(member, packet);
      }
      reason = Drop::kNotAuthentic;
      continue;
    }
    // Not in place: another member of the same tag may have to try.
    if (!peer.opener->open(counter, clear, ring->known(), sealed, scratch.data())) {
      reason = Drop::kNotAuthentic;
      continue;
    }
    heard(now, peer, link, from, counter);
    const Bytes body(scratch.data(), sealed.size() - tag);
    if (header->type == PacketType::kHoldCancel) {
      if (!body.empty()) return stats.drop(Drop::kMalformed);
      return ring->receive_hold_cancel(now);
    }
    if (!read_token(body, ring->size(), token)) return stats.drop(Drop::kMalformed);
    return ring->receive_token(now, token);
  }
  stats.drop(reason);
}

Packet* Engine::State::open_data(Ring& ring, std::uint16_t member, std::uint64_t counter, Bytes header, Bytes sealed) {
  Packet* packet = pool.take();
  if (!ring.members()[member].peer->opener->open(counter, header, ring.known(), sealed, packet->plain())) {
    pool.give(packet);
    return nullptr;
  }
  packet->size = static_cast<std::uint32_t>(sealed.size() - outlet.tag_size());
  return packet;
}

void Engine::State::receive_long(Time now, LinkIndex link, const Endpoint& from, MutableBytes datagram) {
  const std::size_t tag = outlet.tag_size();
  const auto header = read_long_header(datagram);
  if (!header || datagram.size() < LongHeader::kSize + tag) return stats.drop(Drop::kTooShort);
  if (header->cluster_tag != config.cluster_tag) return stats.drop(Drop::kForeignCluster);
  if (header->sender == config.self) return stats.drop(Drop::kOwn);
  // Another process with this node's number: an older life of ours, or a mistake in a configuration.
  if (header->sender.node == config.self.node || header->sender.node == kNoNode)
    return stats.drop(Drop::kOldIncarnation);
  if (header->key_slot != config.key_slot) return stats.drop(Drop::kUnknownSender);
  const Bytes clear = datagram.first(LongHeader::kSize);
  const MutableBytes sealed = datagram.subspan(LongHeader::kSize);
  Peer* peer = peers.find(header->sender);
  if (peer != nullptr && !peer->window.is_new(header->counter)) return stats.drop(Drop::kReplayed);
  std::unique_ptr<Opener> opener;
  if (peer == nullptr) opener = ports.protection.opener(header->sender);
  Opener* with = peer != nullptr ? peer->opener.get() : opener.get();
  if (with == nullptr || !with->open(header->counter, clear, Bytes{}, sealed, sealed.data()))
    return stats.drop(Drop::kNotAuthentic);
  if (peer == nullptr) peer = peers.add(header->sender, std::move(opener));
  if (peer == nullptr) return stats.drop(Drop::kOverflow);
  const bool is_old = header->sender.incarnation < peers.highest_incarnation(header->sender.node);
  heard(now, *peer, link, from, header->counter);
  const Bytes body(sealed.data(), sealed.size() - tag);
  if (header->type == PacketType::kProbe) return answer_probe(*peer, link, from, body);
  if (is_old) return stats.drop(Drop::kOldIncarnation);
  if (header->type == PacketType::kPong) return receive_pong(now, *peer, body);
  if (!check_control(header->type, body)) return stats.drop(Drop::kMalformed);
  receive_control(now, *peer, link, header->type, body);
}

void Engine::State::heard(Time now, Peer& peer, LinkIndex link, const Endpoint& from, std::uint64_t counter) {
  peer.window.accept(counter);
  peer.last_heard = now;
  peer.silence_deadline = kNever;
  peer.endpoint = from;
  peer.link = link;
  peer.has_endpoint = true;
}

// What a recorder could play back starts a challenge and waits for its answer: a process of yesterday does not answer
// (A20).
void Engine::State::receive_control(Time now, Peer& peer, LinkIndex link, PacketType type, Bytes body) {
  if (peer.fresh) return events.control(peer.identity, link, type, body);
  peer.stashed_type = type;
  peer.stashed_link = link;
  peer.stashed.assign(body.begin(), body.end());
  stats.drop(Drop::kUnfresh);
  challenge(now, peer);
}

void Engine::State::challenge(Time now, Peer& peer) {
  if (peer.challenged != 0 && now - peer.challenged < kChallengeInterval) return;
  peer.challenged = now;
  send_probe(now, peer);
}

void Engine::State::send_probe(Time now, Peer& peer) {
  if (!peer.has_endpoint) return;
  SentProbe& sent = peer.probes[peer.next_probe++ % peer.probes.size()];
  sent = {random.next() | 1, now};  // 0 is none
  std::uint8_t body[Probe::kSize];
  write_probe(body, {sent.nonce});
  outlet.send_long(PacketType::kProbe, Bytes(body),
                   {PacketClass::kToken, false, peer.endpoint, static_cast<LinkMask>(1u << peer.link)});
}

void Engine::State::answer_probe(const Peer& peer, LinkIndex link, const Endpoint& from, Bytes body) {
  const auto probe = read_probe(body);
  if (!probe) return stats.drop(Drop::kMalformed);
  std::uint8_t answer[Pong::kSize];
  write_pong(answer, {probe->nonce, std::max(lag_ms, unread_ms), peers.highest_incarnation(peer.identity.node)});
  outlet.send_long(PacketType::kPong, Bytes(answer),
                   {PacketClass::kToken, false, from, static_cast<LinkMask>(1u << link)});
}

void Engine::State::receive_pong(Time now, Peer& peer, Bytes body) {
  const auto pong = read_pong(body);
  if (!pong) return stats.drop(Drop::kMalformed);
  SentProbe* answered = nullptr;
  for (SentProbe& sent : peer.probes)
    if (sent.nonce == pong->nonce && sent.nonce != 0) answered = &sent;
  if (answered == nullptr) return stats.drop(Drop::kUnfresh);
  const Time round_trip = now - answered->sent;
  answered->nonce = 0;
  if (pong->highest_incarnation > config.self.incarnation) events.stale(peer.identity, pong->highest_incarnation);
  if (peer.report_pongs) events.pong(peer.identity, pong->lag_ms, round_trip);
  if (peer.fresh) return;
  peer.fresh = true;
  if (peer.stashed.empty()) return;
  events.control(peer.identity, peer.stashed_link, peer.stashed_type, peer.stashed);
  peer.stashed.clear();
}

// A hint, not a proof: ICMP is not authenticated. Silence of the peer itself decides (A29).
void Engine::State::refused(Time now, const Endpoint& to) {
  Ring* ring = running();
  Peer* peer = peers.at(to);
  if (ring == nullptr || peer == nullptr || peer->members_of == 0 || peer->silence_deadline != kNever) return;
  peer->silence_deadline = now + std::max(config.timers.silence, 3 * ring->rotation_bound());
  peer->probes_left = kRefusalProbes;
  peer->probe_interval = kChallengeInterval;
  peer->probe_due = now;
  schedule(now);
}

void Engine::State::tick_peers(Time now) {
  peer_deadline_ = kNever;
  for (const auto& peer : peers.all()) {
    if (now >= peer->probe_due) {
      send_probe(now, *peer);
      --peer->probes_left;
      peer->probe_due = peer->probes_left > 0 ? now + peer->probe_interval : kNever;
    }
    if (now >= peer->silence_deadline) {
      peer->silence_deadline = kNever;
      events.unreachable(peer->identity);
    }
    schedule(std::min(peer->probe_due, peer->silence_deadline));
  }
}

}  // namespace openais
