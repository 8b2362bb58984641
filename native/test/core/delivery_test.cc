#include "core/delivery.hpp"

#include <doctest/doctest.h>

#include "core/fnv.hpp"
#include "node.hpp"

namespace openais::test {
namespace {

struct Trace : TraceSink {
  void record(const TraceRecord& record) override { records.push_back(record); }
  std::vector<TraceRecord> records;
};

const RingId kRing{1, 2, 3};
const RingId kOld{4, 5, 6};

}  // namespace

TEST_CASE("a message in two parts is delivered as one, with all that is known of it") {
  ByteRing out(1 << 12);
  Stats stats;
  Trace trace;
  Delivery delivery(out, &trace, stats);
  delivery.set_now(77);
  MessageInfo info{9, kRing, 123, 4, Priority::kHigh, true, true};
  REQUIRE(delivery.message(info, bytes_of("abc"), bytes_of("defghij")));
  const std::uint8_t* frame = out.front();
  FrameHeader header;
  std::memcpy(&header, frame, sizeof header);
  CHECK(header.type == 1);
  CHECK(header.a == 1);
  CHECK(header.b == 3);
  Reader reader(Bytes(frame + kFrameHeader, header.size - kFrameHeader));
  CHECK(reader.u32() == 9);
  CHECK(reader.u32() == 4);
  CHECK(reader.u64() == 123);
  CHECK(std::string(reinterpret_cast<const char*>(reader.take(10).data()), 10) == "abcdefghij");
  CHECK(reader.done());
  CHECK(stats.messages_delivered == 1);
  CHECK(stats.bytes_delivered == 10);

  REQUIRE(trace.records.size() == 1);
  const TraceRecord& record = trace.records[0];
  CHECK(record.kind == TraceRecord::kDeliver);
  CHECK(record.time == 77);
  CHECK(record.ring == kRing);
  CHECK(record.seq == 123);
  CHECK(record.ordinal == 4);
  CHECK(record.origin == 9);
  CHECK(record.length == 10);
  CHECK(record.flags == 1);
  CHECK(record.hash == fnv1a(bytes_of("abcdefghij")));
  CHECK(std::memcmp(&record.label, "abcdefgh", 8) == 0);
}

TEST_CASE("a configuration change tells the ring, the one before, and who is in it") {
  ByteRing out(1 << 12);
  Stats stats;
  Trace trace;
  Delivery delivery(out, &trace, stats);
  const ConfigurationChange change{true, kRing, kOld, {{1, 10, 100}, {0xffffffff, 20, 200}}};
  delivery.configuration(change);
  const std::uint8_t* frame = out.front();
  FrameHeader header;
  std::memcpy(&header, frame, sizeof header);
  CHECK(header.type == 2);
  CHECK(header.a == 1);
  Reader reader(Bytes(frame + kFrameHeader, header.size - kFrameHeader));
  CHECK(reader.ring_id() == kRing);
  CHECK(reader.ring_id() == kOld);
  CHECK(reader.u16() == 2);
  reader.zeros(6);
  CHECK(reader.identity() == change.members[0]);
  CHECK(reader.identity() == change.members[1]);
  CHECK(reader.done());

  REQUIRE(trace.records.size() == 3);
  CHECK(trace.records[0].kind == TraceRecord::kConfiguration);
  CHECK(trace.records[0].length == 2);
  CHECK(trace.records[0].seq == 6);
  CHECK(trace.records[2].kind == TraceRecord::kMember);
  CHECK(trace.records[2].ordinal == 0xffffffff);
  CHECK(trace.records[2].seq == 20);
}

TEST_CASE("without room nothing is written, counted or traced") {
  ByteRing out(64);
  Stats stats;
  Trace trace;
  Delivery delivery(out, &trace, stats);
  REQUIRE(delivery.message({}, {}, bytes_of("0123456789")));
  CHECK_FALSE(delivery.message({}, {}, bytes_of("0123456789")));
  CHECK(stats.messages_delivered == 1);
  CHECK(trace.records.size() == 1);
  CHECK(delivery.consumed() == 0);
  out.pop();
  CHECK(delivery.consumed() == 40);
}

TEST_CASE("an install is delivered whatever the room, and moves on in order when there is some") {
  ByteRing out(256);
  Stats stats;
  Trace trace;
  Delivery delivery(out, &trace, stats);
  delivery.begin_install();
  for (int i = 0; i < 10; ++i) REQUIRE(delivery.message({}, {}, bytes_of("0123456789")));
  delivery.configuration({false, kRing, kOld, {{1, 1, 1}}});
  delivery.end_install();
  CHECK(trace.records.size() == 12);
  CHECK(delivery.waiting_bytes() > 0);
  CHECK_FALSE(delivery.message({}, {}, bytes_of("behind")));
  std::vector<std::uint8_t> types;
  while (true) {
    delivery.flush();
    const std::uint8_t* frame = out.front();
    if (frame == nullptr) break;
    types.push_back(frame[4]);
    out.pop();
  }
  CHECK(delivery.waiting_bytes() == 0);
  REQUIRE(types.size() == 11);
  CHECK(types.back() == 2);
  CHECK(delivery.message({}, {}, bytes_of("behind")));
}

TEST_CASE("every reason to drop a packet has a name of its own") {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Drop::kCount); ++i)
    names.emplace_back(drop_name(static_cast<Drop>(i)));
  std::sort(names.begin(), names.end());
  CHECK(std::unique(names.begin(), names.end()) == names.end());
  CHECK(std::find(names.begin(), names.end(), "unknown") == names.end());
  CHECK(std::string(drop_name(Drop::kCount)) == "unknown");
}

TEST_CASE("messages are named by FNV-1a of 64 bits") {
  CHECK(fnv1a(Bytes{}) == 0xcbf29ce484222325u);
  CHECK(fnv1a(bytes_of("a")) == 0xaf63dc4c8601ec8cu);
  CHECK(fnv1a(bytes_of("foobar")) == 0x85944171f73967e8u);
  CHECK(fnv1a(bytes_of("bar"), fnv1a(bytes_of("foo"))) == fnv1a(bytes_of("foobar")));
}

}  // namespace openais::test
