#include "stats.hpp"

namespace openais {

const char* drop_name(Drop reason) {
  switch (reason) {
    case Drop::kTooShort:
      return "tooShort";
    case Drop::kVersion:
      return "version";
    case Drop::kForeignCluster:
      return "foreignCluster";
    case Drop::kUnknownSender:
      return "unknownSender";
    case Drop::kUnknownRing:
      return "unknownRing";
    case Drop::kNotAuthentic:
      return "notAuthentic";
    case Drop::kReplayed:
      return "replayed";
    case Drop::kMalformed:
      return "malformed";
    case Drop::kOwn:
      return "own";
    case Drop::kDuplicateToken:
      return "duplicateToken";
    case Drop::kDuplicateData:
      return "duplicateData";
    case Drop::kOutOfRange:
      return "outOfRange";
    case Drop::kUnfresh:
      return "unfresh";
    case Drop::kOldIncarnation:
      return "oldIncarnation";
    case Drop::kWrongMode:
      return "wrongMode";
    case Drop::kOverflow:
      return "overflow";
    case Drop::kCount:
      break;
  }
  return "unknown";
}

}  // namespace openais
