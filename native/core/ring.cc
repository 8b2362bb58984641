#include "ring.hpp"

#include <algorithm>

namespace openais {

Ring::Ring(const RingContext& context, RingSetup setup, Time now)
    : context_(context),
      setup_(std::move(setup)),
      known_(ring_known(setup_.id)),
      store_(context.pool, context.config.store_packets, context.config.first_seq),
      assembler_(setup_.members.size()),
      delivered_(context.config.first_seq - 1),
      safe_line_(delivered_),
      aru_sent_(delivered_),
      own_high_(delivered_),
      last_accept_(now),
      loss_deadline_(is_alone() ? kNever : now + context.config.timers.token_loss) {
  for (RingMember& member : setup_.members)
    if (member.peer != nullptr) ++member.peer->members_of;
}

Ring::~Ring() {
  for (RingMember& member : setup_.members)
    if (member.peer != nullptr) --member.peer->members_of;
}

std::uint16_t Ring::member_by_tag(std::uint32_t tag, std::uint16_t from) const {
  for (std::uint16_t i = from; i < setup_.members.size(); ++i)
    if (setup_.members[i].peer != nullptr && setup_.members[i].identity.tag() == tag) return i;
  return kNoMember;
}

// All up to here were received. A forming ring never acknowledges what was sent after the point of installation: it
// would acknowledge what it throws away if the token is then lost (A1).
std::uint64_t Ring::mine() const {
  const std::uint64_t contiguous = store_.contiguous();
  if (mode_ == RingMode::kForming && install_seq_) return std::min(contiguous, *install_seq_);
  return contiguous;
}

RingSummary Ring::summary() const {
  RingSummary summary;
  summary.handle = setup_.handle;
  summary.mode = mode_;
  summary.received_flag = received_flag_;
  summary.aru = store_.contiguous();
  summary.high = store_.high();
  // A packet of which some messages went out counts: the rest of it follows in the same configuration.
  summary.high_delivered = delivered_ + (cursor_.is_started() ? 1 : 0);
  return summary;
}

// totem 1.5. The mode does not matter for what is kept (the store is chosen by the packet's ring id), except that a
// sealed ring takes copies alone (B7).
void Ring::receive_data(std::uint16_t sender, Packet* packet) {
  const auto drop = [&](Drop reason) {
    context_.stats.drop(reason);
    context_.pool.give(packet);
  };
  const DataHeader header = DataHeader::read(packet->plain());
  packet->seq = widen(header.seq_low, store_.contiguous());
  packet->origin = header.origin;
  packet->flags = header.flags;
  packet->first_start = header.first_start;
  // Everybody had every copy before anybody installed: in a ring that runs none is new.
  if (mode_ == RingMode::kSealed || (packet->is_copy() && mode_ != RingMode::kForming)) return drop(Drop::kWrongMode);
  if (!is_well_formed(*packet)) return drop(Drop::kMalformed);
  if (mode_ == RingMode::kRunning || mode_ == RingMode::kForming) note_progress(sender, header, packet->seq);
  if (!store_.in_range(packet->seq))
    return drop(packet->seq <= store_.base() ? Drop::kDuplicateData : Drop::kOutOfRange);
  if (store_.holds(packet->seq)) return drop(Drop::kDuplicateData);
  if (!decapsulate(*packet)) return drop(Drop::kOutOfRange);
  store_.put(packet);
}

// No larger than what was packed here: the room of a copy header has to be left, or no copy of it could be made.
bool Ring::is_well_formed(const Packet& packet) const {
  if ((packet.flags & DataHeader::kReservedFlags) != 0) return false;
  if (!packet.is_copy())
    return packet.origin < setup_.members.size() && packet.size <= DataHeader::kSize + context_.payload_max;
  if (packet.size < DataHeader::kSize + CopyHeader::kSize) return false;
  return CopyHeader::read(packet.plain() + DataHeader::kSize).maker < setup_.members.size();
}

// What a data packet tells about the token.
void Ring::note_progress(std::uint16_t sender, const DataHeader& header, std::uint64_t seq) {
  const auto before = static_cast<std::uint16_t>((setup_.self + setup_.members.size() - 1) % setup_.members.size());
  const auto newer = static_cast<std::int8_t>(header.token_seq - static_cast<std::uint8_t>(forwarded_token_seq_));
  // The predecessor sent this after its token: the token is here, or close behind (totem 1.10, method 2).
  if (sender == before && (header.flags & DataHeader::kPostToken) != 0 && newer > 0) token_first_ = true;
  // Numbered above my token: the successor had it (1.5 step 5).
  if (retransmit_deadline_ != kNever && seq > forwarded_.seq) retransmit_deadline_ = kNever;
}

// totem 1.13: freezing ends tokens and deliveries. What was numbered stays in the store, what was not sent is recovered
// with the rest (A13).
void Ring::freeze(Time now) {
  if (mode_ != RingMode::kForming && mode_ != RingMode::kRunning) return;
  mode_ = RingMode::kFrozen;
  unsent_.clear();
  held_.reset();
  hold_ = Hold::kNone;
  loss_deadline_ = retransmit_deadline_ = hold_deadline_ = cancel_deadline_ = kNever;
  token_first_ = false;
  if (context_.trace != nullptr) {
    TraceRecord record;
    record.kind = TraceRecord::kFreeze;
    record.time = now;
    record.ring = setup_.id;
    context_.trace->record(record);
  }
}

// Agreed: all lower ones were delivered. Safe: every member has it, too; an undelivered safe packet blocks all behind
// it (totem 1.6).
bool Ring::deliver(Time now, Delivery& delivery) {
  if (mode_ != RingMode::kRunning) return true;
  delivery.set_now(now);
  bool has_room = true;
  while (delivered_ < store_.contiguous()) {
    const std::uint64_t seq = delivered_ + 1;
    if (store_.get(seq)->is_safe() && seq > safe_line_) break;
    if (!deliver_planned(seq, delivery)) {
      has_room = false;
      break;
    }
    delivered_ = seq;
  }
  store_.discard_to(std::min(safe_line_, delivered_));
  return has_room;
}

bool Ring::deliver_planned(std::uint64_t seq, Delivery& delivery) {
  const Packet& packet = *store_.get(seq);
  if (packet.is_copy()) return true;  // its contents went into the old ring's store
  MessageInfo info;
  info.sender = setup_.members[packet.origin].identity.node;
  info.ring = setup_.id;
  info.seq = seq;
  info.priority = packet.priority();
  info.safe = packet.is_safe();
  info.own = packet.origin == setup_.self;
  return assembler_.deliver(packet, info, cursor_, delivery, context_.stats);
}

}  // namespace openais
