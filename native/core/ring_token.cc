// A visit of the token: totem 1.4 in its order, original and accelerated ring in one path. With an accelerated window
// of 0 every packet leaves before the token and requests reach up to the token's seq: that is the original ring
// (totem 1.10, A11).
#include <algorithm>

#include "flow_control.hpp"
#include "ring.hpp"

namespace openais {
namespace {

// Rotations without work after which every member knows that all is received everywhere: safe messages are delivered,
// and the token may rest (A30).
constexpr std::size_t kRestRotations = 2;
// How long a token whose work is done lingers with who sent last, before that: what comes next leaves at once, and as
// one batch. A token that turns for every burst several times takes the processor from those that deliver it.
constexpr Time kLinger = kMillisecond / 5;
// Rotations that have to pass before a member counts as failed to receive, however short they are (totem 1.14).
constexpr std::uint64_t kFailVisitsMin = 50;

// How far a token may be ahead of what is discarded here; beyond it numbers of packets would be told wrong.
constexpr std::uint64_t kMaxSeqSpan = 0x7fffffff;

std::uint16_t capped(std::size_t hops) {
  return static_cast<std::uint16_t>(std::min<std::size_t>(hops, 0xfff0));
}

// `range` behind those that are there, joined with the last where they touch or overlap.
void append(std::vector<RequestRange>& ranges, RequestRange range) {
  if (!ranges.empty()) {
    RequestRange& last = ranges.back();
    const std::uint64_t end = last.first + last.count;
    if (range.first <= end) {
      const std::uint64_t range_end = range.first + range.count;
      if (range_end <= end) return;
      if (range_end - last.first <= 0xffff) {
        last.count = static_cast<std::uint16_t>(range_end - last.first);
        return;
      }
      range.count = static_cast<std::uint16_t>(range_end - end);
      range.first = end;
    }
  }
  ranges.push_back(range);
}

}  // namespace

void Ring::receive_token(Time now, Token& token) {
  if (mode_ != RingMode::kForming && mode_ != RingMode::kRunning) return context_.stats.drop(Drop::kWrongMode);
  // A copy must not touch anything: no timer, no counter, no memory of the aru (step 3).
  if (has_seen_token_ && token.token_seq <= received_token_seq_) return context_.stats.drop(Drop::kDuplicateToken);
  if (is_alone() || !is_plausible(token)) return context_.stats.drop(Drop::kMalformed);
  accept_token(now, token);
  const Time rest = rest_time(token);
  if (rest > 0) {
    held_ = token;
    hold_ = Hold::kIdle;
    hold_deadline_ = now + rest;
    ++context_.stats.holds;
    return;
  }
  visit(now, token);
}

// Whoever had this token before me numbered everything that I received, and numbers are told by 32 bits.
bool Ring::is_plausible(const Token& token) const {
  return token.seq >= store_.high() && token.seq - store_.base() <= kMaxSeqSpan;
}

// A token without work rests with who sent last: whoever sends one message after the other has it at hand. 0: it goes
// on.
Time Ring::rest_time(const Token& token) const {
  if (mode_ != RingMode::kRunning || !token.requests.empty() || !unsent_.empty()) return 0;
  if (token.aru != token.seq || mine() != token.seq || !context_.packer.empty()) return 0;
  if (token.last_sender != setup_.self && !(token.last_sender == kNoMember && setup_.self == 0)) return 0;
  // This visit would be the last of them.
  const std::size_t quiet_hops = token.quiet_hops + 1u;
  if (quiet_hops >= kRestRotations * size()) return context_.config.timers.hold;
  // A safe message waits for the next rotation.
  return quiet_hops >= size() && delivered_ == token.seq ? kLinger : 0;
}

void Ring::visit(Time now, Token& token) {
  FlowInputs flow = flow_inputs(token, 0);
  const std::int64_t budget = flow_budget(flow);
  const std::int64_t retransmitted = answer_requests(token, std::max<std::int64_t>(1, budget));
  flow = flow_inputs(token, retransmitted);
  std::int64_t sent = 0;
  if (mode_ == RingMode::kRunning) {
    sent = originate(now, token, flow_new_packets(flow));
  } else {
    prune_copies();
    flow.queued = static_cast<std::int64_t>(copies_.size());
    sent = originate_copies(token, flow_new_packets(flow));
  }
  update_aru(token);
  // The token ends here, what was numbered does not: it is delivered here, too (A13).
  if (has_failed_member(now, token)) return send_unsent(DataHeader::kPostToken);
  add_requests(token);
  count_flow(token, sent + retransmitted);
  ask_for_less(token);
  note_quiet(token, sent + retransmitted == 0);
  if (mode_ == RingMode::kForming) {
    const bool is_recovered = count_recovery(token);
    advance_safe_line(token.aru);
    skip_copies();
    if (is_recovered) {
      // The token waits for `install`; it may be lost if TypeScript is stalled, and that is legal (A1).
      held_ = token;
      hold_ = Hold::kInstall;
      if (!is_recovered_told_) context_.events.recovered(setup_.handle);
      is_recovered_told_ = true;
      return;
    }
  } else {
    advance_safe_line(token.aru);
  }
  forward(now, token);
}

FlowInputs Ring::flow_inputs(const Token& token, std::int64_t retransmitted) const {
  FlowInputs in;
  in.window = std::min<std::int64_t>(token.window, token.slow_window);
  in.fcc = token.fcc;
  in.last_sent = last_sent_;
  in.retransmitted = retransmitted;
  in.queued = static_cast<std::int64_t>(context_.packer.backlog(context_.payload_max));
  in.queued_before = queued_before_;
  in.backlog = token.backlog;
  in.outstanding = static_cast<std::int64_t>(token.seq - std::min(token.aru, store_.base()));
  // Half of a store: every member can hold what is outstanding, whatever it has delivered.
  in.outstanding_max = static_cast<std::int64_t>(store_.capacity() / 2);
  in.per_visit = context_.config.per_visit;
  return in;
}

// Step 6. Whoever holds a packet answers for everyone; what is left of the list goes on.
std::int64_t Ring::answer_requests(Token& token, std::int64_t limit) {
  if (token.requests.empty()) return 0;
  std::int64_t sent = 0;
  scratch_.clear();
  for (const RequestRange& range : token.requests) {
    const std::uint64_t end = range.first + range.count;
    // What is discarded everybody has: no correct member asks for it. What is above all that I received I cannot
    // answer.
    std::uint64_t seq = std::max(range.first, store_.base() + 1);
    for (; seq < std::min(end, store_.high() + 1); ++seq) {
      Packet* packet = store_.get(seq);
      if (packet == nullptr || sent >= limit) {
        append(scratch_, {seq, 1});
        continue;
      }
      send_packet(packet, DataHeader::kRetransmission, static_cast<std::uint8_t>(forwarded_token_seq_));
      ++sent;
    }
    if (seq < end) append(scratch_, {seq, static_cast<std::uint16_t>(end - seq)});
  }
  token.requests.swap(scratch_);
  context_.stats.data_retransmitted += static_cast<std::uint64_t>(sent);
  return sent;
}

// Step 8. All are numbered and stored before the token leaves; up to accelerated_window of them are sent after it.
std::int64_t Ring::originate(Time now, Token& token, std::int64_t allowed) {
  std::int64_t count = 0;
  for (; count < allowed; ++count) {
    Packed packed;
    Packet* packet = pack(token.seq + 1, packed);
    if (packet == nullptr) break;
    number(now, token, packet, packed);
    unsent_.push_back(packet);
    if (unsent_.size() > setup_.accelerated_window) {
      send_packet(unsent_.front(), 0, static_cast<std::uint8_t>(forwarded_token_seq_));
      unsent_.pop_front();
    }
  }
  if (count > 0) token.last_sender = setup_.self;
  // One packet gains nothing by leaving after the token, and who has the token first would wait for it.
  if (count == 1) send_unsent(0);
  return count;
}

Packet* Ring::pack(std::uint64_t seq, Packed& packed) {
  Packet* packet = context_.pool.take();
  const auto filled =
      context_.packer.fill(MutableBytes(packet->plain() + DataHeader::kSize, context_.payload_max), setup_.id, seq);
  if (!filled) {
    context_.pool.give(packet);
    return nullptr;
  }
  packed = *filled;
  return packet;
}

void Ring::number(Time now, Token& token, Packet* packet, const Packed& packed) {
  packet->seq = ++token.seq;
  finish_packet(now, packet, packed);
}

void Ring::finish_packet(Time now, Packet* packet, const Packed& packed) {
  packet->size = static_cast<std::uint32_t>(DataHeader::kSize + packed.size);
  packet->origin = static_cast<std::uint8_t>(setup_.self);
  packet->first_start = packed.first_start;
  packet->flags = static_cast<std::uint8_t>((packed.safe ? DataHeader::kSafe : 0) |
                                            (static_cast<unsigned>(packed.priority) << DataHeader::kPriorityShift));
  store_.put(packet);
  own_high_ = packet->seq;
  ++context_.stats.data_originated;
  context_.stats.messages_originated += packed.messages;
  if (context_.trace == nullptr) return;
  for (TraceRecord& record : context_.packer.sent()) {
    record.flags = packed.safe ? 1 : 0;
    record.time = now;
    record.ring = setup_.id;
    record.origin = setup_.members[setup_.self].identity.node;
    context_.trace->record(record);
  }
}

void Ring::send_packet(Packet* packet, std::uint8_t extra_flags, std::uint8_t stamp) {
  const DataHeader header{static_cast<std::uint32_t>(packet->seq), packet->origin,
                          static_cast<std::uint8_t>(packet->flags | extra_flags), stamp, packet->first_start};
  header.write(packet->plain());
  context_.outlet.send_short(PacketType::kData, setup_.id, known_, Bytes(packet->plain(), packet->size),
                             {PacketClass::kData, true, {}, context_.outlet.all_links()});
}

// Step 9: aru rises with seq when all is well; who lowered it is the only one to raise it again.
void Ring::update_aru(Token& token) {
  const std::uint64_t have = mine();
  if (have < token.aru || token.aru_id == setup_.self || token.aru_id == kNoMember) {
    token.aru = have;
    token.aru_id = have == token.seq ? kNoMember : setup_.self;
  }
}

// Step 10, counted in time: rotations are microseconds when busy and long when idle. The others exclude the member that
// fails (1.14). One that says that it is slow has a time limit of its own (A10).
bool Ring::has_failed_member(Time now, const Token& token) {
  const bool is_moving = token.aru_id == kNoMember || token.aru != stuck_aru_ || token.aru_id != stuck_id_;
  if (is_moving || token.slow_id == token.aru_id) {
    stuck_aru_ = token.aru;
    stuck_id_ = token.aru_id;
    stuck_since_ = now;
    stuck_visits_ = 0;
    return false;
  }
  ++stuck_visits_;
  if (stuck_id_ == setup_.self || stuck_visits_ < kFailVisitsMin) return false;
  const Time limit = std::max(context_.config.timers.fail_to_receive, 10 * rotation_.bound());
  if (now - stuck_since_ < limit) return false;
  if (!is_failure_told_) context_.events.failed_to_receive(setup_.handle, setup_.members[stuck_id_].identity.node);
  is_failure_told_ = true;
  return true;
}

// Step 11: everything that I miss up to what is surely on the wire. Merged into the list in ascending order, without
// duplicates, and cut to what a token can carry: the lowest numbers are those that hold the others back.
void Ring::add_requests(Token& token) {
  const std::size_t most =
      token_requests_max(context_.config.datagram_size, ShortHeader::kSize + context_.outlet.tag_size());
  const bool is_accelerated = setup_.accelerated_window > 0 && mode_ == RingMode::kRunning;
  const std::uint64_t limit = is_accelerated ? received_seq_before_ : received_seq_;
  const std::uint64_t from = store_.contiguous() + 1;
  scratch_.clear();
  std::size_t next = 0;
  const auto take_listed = [&](std::uint64_t below) {
    while (next < token.requests.size() && token.requests[next].first < below) append(scratch_, token.requests[next++]);
  };
  const std::uint64_t end = std::min(limit, store_.base() + store_.capacity());
  for (std::uint64_t seq = from; seq <= end; ++seq) {
    if (store_.holds(seq)) continue;
    take_listed(seq);
    append(scratch_, {seq, 1});
    ++context_.stats.retransmit_requests;
    if (scratch_.size() >= most) break;
  }
  take_listed(~std::uint64_t{0});
  if (scratch_.size() > most) scratch_.resize(most);
  token.requests.swap(scratch_);
}

// Step 12.
void Ring::count_flow(Token& token, std::int64_t sent) {
  const std::int64_t queued = mode_ == RingMode::kForming
                                  ? static_cast<std::int64_t>(copies_.size())
                                  : static_cast<std::int64_t>(context_.packer.backlog(context_.payload_max));
  const auto sum = [](std::uint32_t value, std::int64_t change) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value + change, 0, 0x7fffffff));
  };
  token.fcc = sum(token.fcc, sent - last_sent_);
  token.backlog = sum(token.backlog, queued - queued_before_);
  last_sent_ = sent;
  queued_before_ = queued;
}

// A10: a member whose application lags asks all to send less, and to send nothing before its store overflows; it alone
// takes that back.
void Ring::ask_for_less(Token& token) {
  const std::uint64_t lag = slow_ ? store_.contiguous() - delivered_ : 0;
  const std::uint64_t quarter = store_.capacity() / 4;
  if (lag > quarter) {
    const std::uint64_t left = 2 * quarter - std::min(lag, 2 * quarter);
    const auto less = static_cast<std::uint16_t>(token.window * left / quarter);
    if (token.slow_id != kNoMember && token.slow_id != setup_.self && less >= token.slow_window) return;
    token.slow_window = less;
    token.slow_id = setup_.self;
  } else if (token.slow_id == setup_.self) {
    token.slow_window = kNoWindow;
    token.slow_id = kNoMember;
  }
}

void Ring::note_quiet(Token& token, bool quiet) {
  const bool is_quiet = quiet && mode_ == RingMode::kRunning && token.requests.empty() && token.aru == token.seq;
  token.quiet_hops = is_quiet ? capped(token.quiet_hops + 1u) : 0;
  token.idle = token.quiet_hops >= (kRestRotations - 1) * size();
}

// Steps 13 and 14, then what leaves after the token. The driver delivers afterwards: that is no part of a rotation.
void Ring::forward(Time now, Token& token) {
  ++token.token_seq;
  forwarded_token_seq_ = token.token_seq;
  forwarded_ = token;
  send_token(forwarded_);
  retransmit_backoff_ = 0;
  retransmit_deadline_ = now + retransmit_interval();
  token_first_ = false;
  send_unsent(DataHeader::kPostToken);
}

void Ring::send_unsent(std::uint8_t flags) {
  while (!unsent_.empty()) {
    send_packet(unsent_.front(), flags, static_cast<std::uint8_t>(forwarded_token_seq_));
    unsent_.pop_front();
  }
}

void Ring::send_token(const Token& token) {
  const RingMember& next = setup_.members[next_index()];
  if (next.peer == nullptr || !next.peer->has_endpoint) return;
  std::uint8_t body[Token::kFixedSize + kMaxRequests * Token::kRangeSize];
  const std::size_t size = write_token(body, token);
  context_.outlet.send_short(
      PacketType::kToken, setup_.id, known_, Bytes(body, size),
      {PacketClass::kToken, false, next.peer->endpoint, static_cast<LinkMask>(1u << next.peer->link)});
  ++context_.stats.tokens_sent;
}

// Two visits: who lowered the aru may raise it to its own although another is lower; a rotation gives that one its
// chance (step 14).
void Ring::advance_safe_line(std::uint64_t aru) {
  safe_line_ = std::max(safe_line_, std::min(aru, aru_sent_));
  aru_sent_ = aru;
}

// A ring of one sends nothing: what is originated is received by all, and safe.
void Ring::visit_alone(Time now) {
  if (mode_ != RingMode::kRunning) return;
  const std::size_t most = store_.capacity() / 2;
  while (store_.used() < most) {
    Packed packed;
    const std::uint64_t seq = store_.contiguous() + 1;
    Packet* packet = pack(seq, packed);
    if (packet == nullptr) break;
    packet->seq = seq;
    finish_packet(now, packet, packed);
  }
  safe_line_ = store_.contiguous();
}

}  // namespace openais
