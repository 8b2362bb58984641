// One ring: fixed members, a mode, the packets, the token. TypeScript makes, freezes, seals, installs and destroys
// rings; this class does what happens per packet and per visit of the token (totem 1.3 to 1.10 and the counting
// of 1.13).
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "assembler.hpp"
#include "config.hpp"
#include "events.hpp"
#include "flow_control.hpp"
#include "outlet.hpp"
#include "packer.hpp"
#include "peers.hpp"
#include "rotation.hpp"
#include "store.hpp"
#include "token.hpp"

namespace openais {

// What rings of one engine share.
struct RingContext {
  const EngineConfig& config;
  Outlet& outlet;
  Events& events;
  Packer& packer;
  PacketPool& pool;
  Stats& stats;
  TraceSink* trace;
  std::size_t payload_max;  // bytes of streams in a packet; room for a CopyHeader is left beside it
};

struct RingMember {
  Identity identity;
  Peer* peer = nullptr;  // null: this node
};

struct RingSetup {
  std::uint32_t handle = 0;
  RingId id;
  std::uint16_t window = 0;
  std::uint16_t accelerated_window = 0;
  std::vector<RingMember> members;  // ascending by node, this node among them
  std::uint16_t self = 0;           // its index
};

class Ring {
 public:
  Ring(const RingContext& context, RingSetup setup, Time now);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  // --- packets (already authentic) ---
  void receive_data(std::uint16_t sender, Packet* packet);  // takes the packet
  void receive_token(Time now, Token& token);
  void receive_hold_cancel(Time now);

  // --- commands ---
  void start_token(Time now);
  void freeze(Time now);
  void seal() { mode_ = RingMode::kSealed; }
  // Copies of `old` (null: nothing to copy) above low_aru go to the new ring. The table tells whose old ring is which.
  void begin_recovery(Ring* old, std::uint64_t low_aru, bool copy, std::vector<bool> shares_old);
  void forget_old(const Ring* old);
  // The old ring went into the deliveries; from here on this ring runs.
  void install(Time now);
  // A copy of one of this (sealed) ring's packets. Keeps what it did not have.
  bool take_copy(const Packet& packet, std::uint32_t old_seq_low);

  // --- driver ---
  void submitted(Time now);
  // Asked before anything else at a step: after a pause the token is lost before the queued input is read (A15).
  bool has_lost_token(Time now) const;
  void tick(Time now);
  Time deadline() const;
  bool token_first() const { return token_first_; }
  bool wants_wake() const;
  // Delivers what is deliverable. False: the application's memory is full.
  bool deliver(Time now, Delivery& delivery);
  // One packet of a plan that install made. False: no room; call again.
  bool deliver_planned(std::uint64_t seq, Delivery& delivery);

  // --- what others ask ---
  std::uint32_t handle() const { return setup_.handle; }
  const RingId& id() const { return setup_.id; }
  const RingKnown& known() const { return known_; }
  RingMode mode() const { return mode_; }
  const std::vector<RingMember>& members() const { return setup_.members; }
  std::size_t size() const { return setup_.members.size(); }
  // Index of the member whose packets carry this tag, from `from` on; kNoMember if none.
  std::uint16_t member_by_tag(std::uint32_t tag, std::uint16_t from = 0) const;
  const Store& store() const { return store_; }
  std::uint64_t delivered() const { return delivered_; }
  bool is_delivering_packet() const { return cursor_.is_started(); }
  Time last_token() const { return last_accept_; }
  RingSummary summary() const;
  Time rotation_bound() const { return rotation_.bound(); }
  NodeId next_node() const { return setup_.members[next_index()].identity.node; }
  bool was_installed() const { return was_installed_; }
  // A second first token would be a second token.
  bool may_start_token() const { return mode_ == RingMode::kForming && setup_.self == 0 && !has_seen_token_; }
  // Everybody is known to have everything.
  bool may_install() const { return mode_ == RingMode::kForming && (is_alone() || is_recovered_told_); }
  bool all_own_safe() const { return own_high_ <= safe_line_; }
  void set_slow(bool slow) { slow_ = slow; }

 private:
  enum class Hold : std::uint8_t { kNone, kIdle, kInstall };

  bool is_alone() const { return setup_.members.size() == 1; }
  std::uint16_t next_index() const { return static_cast<std::uint16_t>((setup_.self + 1) % setup_.members.size()); }
  std::uint64_t mine() const;
  bool is_well_formed(const Packet& packet) const;
  void note_progress(std::uint16_t sender, const DataHeader& header, std::uint64_t seq);

  // ring_token.cc: the steps of a visit, in the order of totem 1.4
  bool is_plausible(const Token& token) const;
  Time rest_time(const Token& token) const;
  void visit(Time now, Token& token);
  std::int64_t answer_requests(Token& token, std::int64_t limit);
  std::int64_t originate(Time now, Token& token, std::int64_t allowed);
  void number(Time now, Token& token, Packet* packet, const Packed& packed);
  void update_aru(Token& token);
  bool has_failed_member(Time now, const Token& token);
  void add_requests(Token& token);
  void count_flow(Token& token, std::int64_t sent);
  void ask_for_less(Token& token);
  void note_quiet(Token& token, bool quiet);
  void forward(Time now, Token& token);
  void send_unsent(std::uint8_t flags);
  void advance_safe_line(std::uint64_t aru);
  void send_packet(Packet* packet, std::uint8_t extra_flags, std::uint8_t stamp);
  void send_token(const Token& token);
  void visit_alone(Time now);
  FlowInputs flow_inputs(const Token& token, std::int64_t retransmitted) const;
  Packet* pack(std::uint64_t seq, Packed& packed);
  void finish_packet(Time now, Packet* packet, const Packed& packed);

  // ring_recovery.cc
  // False: a copy that could not be kept, and so must not be acknowledged.
  bool decapsulate(const Packet& packet);
  std::int64_t originate_copies(Token& token, std::int64_t allowed);
  Packet* make_copy(const Packet& old, std::uint64_t seq);
  void prune_copies();
  bool count_recovery(Token& token);
  void skip_copies();

  // ring_timers.cc
  void accept_token(Time now, const Token& token);
  void release_held(Time now);
  void ask_for_token(Time now);
  void repeat_soon(Time now);
  Time retransmit_interval() const;
  // The token left without work, and may rest with who sent last.
  bool may_rest_elsewhere() const { return forwarded_.quiet_hops > 0; }

  RingContext context_;
  RingSetup setup_;
  RingKnown known_;
  RingMode mode_ = RingMode::kForming;
  bool was_installed_ = false;
  Store store_;
  Assembler assembler_;

  // delivery
  std::uint64_t delivered_;  // all up to here were delivered
  std::uint64_t safe_line_;  // every member has all up to here
  PacketCursor cursor_;
  bool slow_ = false;

  // the token
  bool has_seen_token_ = false;
  std::uint64_t received_token_seq_ = 0;  // of the token that was accepted last
  std::uint64_t forwarded_token_seq_ = 0;
  std::uint64_t received_seq_ = 0;         // its seq field
  std::uint64_t received_seq_before_ = 0;  // that of the visit before: the limit of requests in the accelerated ring
  std::uint64_t aru_sent_;                 // at the last visit
  std::int64_t last_sent_ = 0;
  std::int64_t queued_before_ = 0;
  std::uint64_t own_high_ = 0;  // last packet of this node
  bool token_first_ = false;
  std::deque<Packet*> unsent_;  // numbered, not sent yet: they leave after the token
  std::optional<Token> held_;
  Hold hold_ = Hold::kNone;
  Token forwarded_;  // for repetition
  Token incoming_;
  std::vector<RequestRange> scratch_;

  // who holds the aru back, and since when
  std::uint64_t stuck_aru_ = 0;
  std::uint16_t stuck_id_ = kNoMember;
  Time stuck_since_ = 0;
  std::uint64_t stuck_visits_ = 0;
  bool is_failure_told_ = false;

  // recovery
  Ring* old_ = nullptr;
  std::vector<bool> shares_old_;      // member i comes from the same old ring as this node
  std::deque<std::uint64_t> copies_;  // of the old ring, still to be sent
  bool has_set_flag_ = false;
  std::uint32_t quiet_visits_ = 0;
  std::optional<std::uint64_t> install_seq_;
  bool received_flag_ = false;
  bool was_aru_installed_ = false;  // aru reached install_seq at the visit before
  bool is_recovered_told_ = false;

  // timers
  Rotation rotation_;
  Time last_accept_;
  Time loss_deadline_;
  Time retransmit_deadline_ = kNever;
  Time retransmit_backoff_ = 0;
  Time hold_deadline_ = kNever;
  Time cancel_deadline_ = kNever;
};

}  // namespace openais
