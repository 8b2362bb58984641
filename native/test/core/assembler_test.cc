#include "core/assembler.hpp"

#include <doctest/doctest.h>

#include "core/fnv.hpp"
#include "core/limits.hpp"
#include "core/random.hpp"
#include "stream.hpp"

namespace openais::test {
namespace {

std::string random_text(Random& random, std::size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random.next());
  return text;
}

// A packet with any payload.
struct Crafted {
  Crafted(std::initializer_list<unsigned> bytes, std::uint16_t first_start) : pool(2000), packet(pool.take()) {
    packet->seq = 1;
    packet->first_start = first_start;
    packet->size = static_cast<std::uint32_t>(DataHeader::kSize + bytes.size());
    std::uint8_t* at = packet->plain() + DataHeader::kSize;
    for (const unsigned byte : bytes) *at++ = static_cast<std::uint8_t>(byte);
  }
  ~Crafted() { pool.give(packet); }
  PacketPool pool;
  Packet* packet;
};

constexpr std::uint16_t kNone = DataHeader::kNoStart;

}  // namespace

TEST_CASE("random messages of 1 B to 1 MiB in four priorities come out whole and in order within their priority") {
  for (const std::size_t payload : {500u, 1445u, 65000u}) {
    CAPTURE(payload);
    Sender sender(1 << 23);
    Receiver receiver;
    PacketPool pool(payload + 100);
    Random random({payload, 1, 2, 3});
    std::vector<std::string> sent[kPriorities];
    std::size_t total = 0;
    for (int round = 0; round < 60; ++round) {
      for (std::uint64_t n = random.next() % 30; n > 0; --n) {
        const std::size_t p = random.next() % kPriorities;
        const std::size_t size = 1 + random.next() % (std::size_t{1} << (random.next() % (round % 20 == 0 ? 21 : 12)));
        std::string text = random_text(random, std::min<std::size_t>(size, 1 << 20));
        if (!sender.submit(static_cast<Priority>(p), text)) continue;
        sent[p].push_back(std::move(text));
        ++total;
      }
      for (std::uint64_t n = random.next() % 40; n > 0; --n) {
        Packet* packet = sender.pack(pool, payload);
        if (packet == nullptr) break;
        receiver.take(*packet);
        pool.give(packet);
      }
    }
    while (Packet* packet = sender.pack(pool, payload)) {
      receiver.take(*packet);
      pool.give(packet);
    }
    REQUIRE(receiver.got.size() == total);
    std::size_t next[kPriorities] = {};
    for (const Delivered& message : receiver.got) {
      const auto p = static_cast<std::size_t>(message.priority);
      REQUIRE(message.text == sent[p][next[p]++]);
    }
    CHECK(receiver.malformed() == 0);
    CHECK(pool.used() == 0);
  }
}

TEST_CASE("memory that fills up between two messages of a packet doubles and loses none") {
  Sender sender;
  Receiver receiver(1 << 12);
  PacketPool pool(3000);
  Random random({5, 6, 7, 8});
  std::vector<std::string> sent;
  for (int i = 0; i < 500; ++i) {
    sent.push_back(random_text(random, 1 + random.next() % 900));
    CHECK(sender.submit(Priority::kMedium, sent.back()));
  }
  std::size_t refusals = 0;
  while (Packet* packet = sender.pack(pool, 2000)) {
    // The application takes a message only when the engine can go no further.
    while (!receiver.try_take(*packet)) {
      ++refusals;
      receiver.consume();
    }
    pool.give(packet);
  }
  receiver.consume();
  REQUIRE(receiver.got.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) REQUIRE(receiver.got[i].text == sent[i]);
  CHECK(refusals > 10);
  // Messages of one packet are told apart by their ordinal.
  for (std::size_t i = 1; i < sent.size(); ++i)
    if (receiver.got[i].seq == receiver.got[i - 1].seq) REQUIRE(receiver.ordinals[i] == receiver.ordinals[i - 1] + 1);
}

TEST_CASE("streams of two senders do not touch each other") {
  Sender one;
  Sender two;
  Receiver receiver(1 << 20, 2);
  PacketPool pool(2000);
  const std::string a(2000, 'a');
  const std::string b(2000, 'b');
  CHECK(one.submit(Priority::kMedium, a));
  CHECK(two.submit(Priority::kMedium, b));
  for (int i = 0; i < 5; ++i) {
    Packet* first = one.pack(pool);
    Packet* second = two.pack(pool);
    second->origin = 1;
    receiver.take(*first, 0);
    receiver.take(*second, 1);
  }
  REQUIRE(receiver.got.size() == 2);
  CHECK(receiver.got[0].text == a);
  CHECK(receiver.got[1].text == b);
}

TEST_CASE("a continuation of nothing is skipped, and what starts behind it is delivered") {
  const Crafted packet({'t', 'a', 'i', 'l', 2, 'o', 'k'}, 4);
  Receiver receiver;
  receiver.take(*packet.packet);
  REQUIRE(receiver.got.size() == 1);
  CHECK(receiver.got[0].text == "ok");
  const Crafted middle({'x', 'y', 'z'}, kNone);
  receiver.take(*middle.packet);
  CHECK(receiver.got.size() == 1);
}

TEST_CASE("a message whose middle is missing is dropped, not glued to the next one") {
  Sender sender;
  PacketPool pool(2000);
  CHECK(sender.submit(Priority::kMedium, std::string(3 * kPayload, 'a')));
  CHECK(sender.submit(Priority::kMedium, "whole"));
  std::vector<Packet*> packets;
  while (Packet* packet = sender.pack(pool)) packets.push_back(packet);
  REQUIRE(packets.size() == 4);
  for (std::size_t lost = 0; lost < 3; ++lost) {
    Receiver receiver;
    for (std::size_t i = 0; i < 4; ++i)
      if (i != lost) receiver.take(*packets[i]);
    REQUIRE(receiver.got.size() == 1);
    CHECK(receiver.got[0].text == "whole");
  }
}

TEST_CASE("a length that is none ends the packet and is counted") {
  struct Row {
    std::initializer_list<unsigned> bytes;
    const char* what;
  };
  for (const Row& row : {Row{{0xff, 0xff, 0x7f, 'x'}, "beyond the largest message"},
                         Row{{0xff, 0xff, 0xff, 0x01}, "of four bytes"}, Row{{0x80}, "torn after one byte"},
                         Row{{0x80, 0x80}, "torn after two bytes"}, Row{{0x80, 0x00, 'x'}, "zero, in two bytes"}}) {
    CAPTURE(row.what);
    const Crafted packet(row.bytes, 0);
    Receiver receiver;
    receiver.take(*packet.packet);
    CHECK(receiver.got.empty());
    CHECK(receiver.malformed() == 1);
    // The stream stands where it stood: a good packet is delivered.
    const Crafted good({2, 'o', 'k'}, 0);
    receiver.take(*good.packet);
    REQUIRE(receiver.got.size() == 1);
    CHECK(receiver.got[0].text == "ok");
  }
}

TEST_CASE("a first start beyond the payload, or where the message does not end, glues nothing") {
  const Crafted begins({5, 'a', 'b'}, 0);
  for (const std::uint16_t start :
       {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{2}, std::uint16_t{4}, std::uint16_t{0xfffe}}) {
    Receiver receiver;
    receiver.take(*begins.packet);
    const Crafted next({'c', 'd', 'e', 1, 'x'}, start);
    receiver.take(*next.packet);
    CHECK(receiver.malformed() >= 1);
    for (const Delivered& message : receiver.got) CHECK(message.text != "abcde");
  }
  Receiver receiver;
  receiver.take(*begins.packet);
  const Crafted next({'c', 'd', 'e', 1, 'x'}, 3);
  receiver.take(*next.packet);
  REQUIRE(receiver.got.size() == 2);
  CHECK(receiver.got[0].text == "abcde");
  CHECK(receiver.got[1].text == "x");
}

TEST_CASE("a packet of zeros, or of nothing, delivers nothing") {
  const Crafted zeros({0, 0, 0, 0}, 0);
  const Crafted empty({}, kNone);
  Receiver receiver;
  receiver.take(*zeros.packet);
  receiver.take(*empty.packet);
  CHECK(receiver.got.empty());
  CHECK(receiver.malformed() == 0);
}

TEST_CASE("random packets deliver nothing larger than a message may be, and end") {
  Random random({9, 9, 9, 9});
  Receiver receiver(1 << 22);
  PacketPool pool(2000);
  Packet* packet = pool.take();
  for (int i = 0; i < 20000; ++i) {
    const std::size_t size = random.next() % 600;
    packet->seq = static_cast<std::uint64_t>(i);
    packet->size = static_cast<std::uint32_t>(DataHeader::kSize + size);
    packet->first_start = random.next() % 3 == 0 ? kNone : static_cast<std::uint16_t>(random.next() % 700);
    packet->flags = static_cast<std::uint8_t>(random.next() & 0x1f);
    for (std::size_t b = 0; b < size; ++b)
      packet->plain()[DataHeader::kSize + b] = static_cast<std::uint8_t>(random.next());
    receiver.take(*packet);
  }
  for (const Delivered& message : receiver.got) REQUIRE(message.text.size() <= kMaxMessage);
  CHECK(receiver.got.size() > 1000);
}

}  // namespace openais::test
