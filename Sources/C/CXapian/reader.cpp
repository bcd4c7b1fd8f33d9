// Without the trait the library may be missing.
#ifdef BM25

#include "analysis.hpp"
#include "guard.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <vector>

struct ltr_xapian_reader {
  ltr::analyzer analyzer;
  Xapian::Database database;
  const Xapian::doccount documents;
  // The partial scores of the documents of a window.
  std::vector<double> sums;

  ltr_xapian_reader(const char *path, const ltr_xapian_analysis &analysis)
      : analyzer(analysis), database(path), documents(database.get_doccount()) {
    if (database.get_lastdocid() != documents) {
      throw Xapian::DatabaseCorruptError("documents are missing");
    }
  }
};

namespace {

// The number of documents scored at once: their sums fit in a core's own cache.
constexpr uint32_t window = 1 << 14;
// Bounds are summed in another order than the scores, and may come out slightly smaller.
constexpr double slack = 1 + 1e-9;

struct hit {
  double score;
  Xapian::docid document;
};

// Whether hit `a` ranks before hit `b`.
bool precedes(const hit &a, const hit &b) {
  return a.score != b.score ? a.score > b.score : a.document < b.document;
}

// The best hits so far, as a heap with the lowest-ranked on top.
class best_hits {
 public:
  explicit best_hits(size_t depth) : depth(depth) {}

  // The score that a document has to exceed; at equal scores, hits already in the heap come first,
  // since they precede it in the index.
  double threshold = -1;

  void add(hit found) {
    if (!(found.score > threshold)) return;
    if (heap.size() == depth) {
      std::pop_heap(heap.begin(), heap.end(), precedes);
      heap.back() = found;
    } else {
      heap.push_back(found);
    }
    std::push_heap(heap.begin(), heap.end(), precedes);
    if (heap.size() == depth) threshold = heap.front().score;
  }

  const std::vector<hit> &ranked() {
    std::sort(heap.begin(), heap.end(), precedes);
    return heap;
  }

 private:
  const size_t depth;
  std::vector<hit> heap;
};

// A term of the query, with its position in its postings.
class query_term {
 public:
  // The term's weight in the query: its number of occurrences times its inverse document frequency.
  double weight;
  // The maximum that it adds to a document's score.
  double bound;
  // The index of the term in the query.
  size_t place;
  // The current document; above all documents at the end.
  Xapian::docid document = 0;

  query_term(const ltr_xapian_reader &reader, const std::string &term, double weight, double bound,
             size_t place)
      : weight(weight),
        bound(bound),
        place(place),
        at(reader.database.postlist_begin(term)),
        last(reader.documents) {
    look();
  }

  double frequency() const { return at.get_wdf(); }

  void advance() {
    ++at;
    look();
  }

  void skip_to(Xapian::docid target) {
    if (document >= target) return;
    at.skip_to(target);
    look();
  }

 private:
  static constexpr Xapian::docid end = UINT32_MAX;
  Xapian::PostingIterator at;
  Xapian::docid last;

  void look() {
    if (at == Xapian::PostingIterator()) {
      document = end;
      return;
    }
    Xapian::docid next = *at;
    if (next <= document || next > last) {
      throw Xapian::DatabaseCorruptError("the documents of a term are out of order");
    }
    document = next;
  }
};

// BM25 of one query over one index (Robertson and Zaragoza 2009, with the inverse document
// frequency of Lucene, which is never negative), one window of documents at a time.
//
// Terms are added to every document's sum in the same order, those with the largest bounds first,
// so that sums do not depend on the documents skipped: the last terms, which even together cannot
// lift a document above the threshold, are looked up only for documents that other terms have
// brought near it (MaxScore; Turtle and Flood 1995).
class search {
 public:
  search(ltr_xapian_reader &reader, double k1, double b, const uint32_t *lengths, double average)
      : reader(reader), lengths(lengths), base(k1 * (1 - b)), slope(k1 * b / average) {}

  void add(const std::string &term, unsigned count, uint32_t shortest) {
    double n = reader.database.get_termfreq(term);
    if (n == 0) return;
    double total = reader.documents;
    if (n > total) throw Xapian::DatabaseCorruptError("a term is in more documents than there are");
    double weight = count * std::log1p((total - n + 0.5) / (n + 0.5));
    // A document is at least as long as the frequency of this term in it.
    double most = reader.database.get_wdf_upper_bound(term);
    double bound = weight * share(most, std::max<double>(shortest, most));
    terms.emplace_back(reader, term, weight, bound, terms.size());
  }

  void run(best_hits &best) {
    std::sort(terms.begin(), terms.end(), [](const query_term &a, const query_term &b) {
      return a.bound != b.bound ? a.bound > b.bound : a.place < b.place;
    });
    rest.assign(terms.size() + 1, 0);
    for (size_t i = terms.size(); i > 0; i--) rest[i - 1] = rest[i] + terms[i - 1].bound * slack;
    reader.sums.resize(window);
    essential = terms.size();
    while (true) {
      while (essential > 0 && rest[essential - 1] <= best.threshold) essential--;
      Xapian::docid start = UINT32_MAX;
      for (size_t i = 0; i < essential; i++) start = std::min(start, terms[i].document);
      if (start > reader.documents) return;
      weigh(start, best);
    }
  }

 private:
  ltr_xapian_reader &reader;
  const uint32_t *lengths;
  const double base, slope;
  std::vector<query_term> terms;
  // The maximum that the terms from each index on add together.
  std::vector<double> rest;
  // The terms before this one determine the candidate documents.
  size_t essential = 0;
  std::vector<hit> candidates;

  double share(double frequency, double length) const {
    return frequency / (frequency + base + slope * length);
  }

  void weigh(Xapian::docid start, best_hits &best) {
    double *sums = reader.sums.data();
    uint32_t count = std::min<uint64_t>(window, uint64_t(reader.documents) - start + 1);
    std::fill_n(sums, count, 0.0);
    for (size_t i = 0; i < essential; i++) {
      query_term &term = terms[i];
      for (; term.document < start + count; term.advance()) {
        sums[term.document - start] +=
            term.weight * share(term.frequency(), lengths[term.document - 1]);
      }
    }
    if (essential == terms.size()) {
      for (uint32_t i = 0; i < count; i++) {
        if (sums[i] > 0) best.add({sums[i], start + i});
      }
      return;
    }
    candidates.clear();
    for (uint32_t i = 0; i < count; i++) {
      if (sums[i] > 0 && sums[i] + rest[essential] > best.threshold) {
        candidates.push_back({sums[i], start + i});
      }
    }
    for (size_t i = essential; i < terms.size(); i++) {
      query_term &term = terms[i];
      for (hit &candidate : candidates) {
        if (candidate.score + rest[i] <= best.threshold) continue;
        term.skip_to(candidate.document);
        if (term.document != candidate.document) continue;
        candidate.score +=
            term.weight * share(term.frequency(), lengths[candidate.document - 1]);
      }
    }
    for (const hit &candidate : candidates) best.add(candidate);
  }
};

}  // namespace

int ltr_xapian_open(const char *path, const ltr_xapian_analysis *analysis,
                    ltr_xapian_reader **reader, char *message, size_t room) {
  return ltr::guarded(message, room, [&] { *reader = new ltr_xapian_reader(path, *analysis); });
}

void ltr_xapian_close(ltr_xapian_reader *reader) { delete reader; }

uint32_t ltr_xapian_documents(const ltr_xapian_reader *reader) { return reader->documents; }

int ltr_xapian_lengths(ltr_xapian_reader *reader, uint32_t *lengths, char *message, size_t room) {
  return ltr::guarded(message, room, [&] {
    Xapian::docid next = 1;
    Xapian::PostingIterator at = reader->database.postlist_begin("");
    for (; at != Xapian::PostingIterator(); ++at, ++next) {
      if (*at != next || next > reader->documents) break;
      lengths[next - 1] = at.get_doclength();
    }
    if (next != reader->documents + 1) {
      throw Xapian::DatabaseCorruptError("documents are missing");
    }
  });
}

int ltr_xapian_search(ltr_xapian_reader *reader, const char *query, size_t query_size, size_t depth,
                      double k1, double b, const uint32_t *lengths, double average,
                      uint32_t *documents, double *scores, size_t *count, char *message,
                      size_t room) {
  return ltr::guarded(message, room, [&] {
    *count = 0;
    std::map<std::string, unsigned> terms;
    reader->analyzer.each(query, query_size, [&](const std::string &term) { terms[term]++; });
    if (depth == 0 || !(average > 0)) return;
    search search(*reader, k1, b, lengths, average);
    uint32_t shortest = reader->database.get_doclength_lower_bound();
    for (const auto &term : terms) search.add(term.first, term.second, shortest);
    best_hits best(depth);
    search.run(best);
    for (const hit &hit : best.ranked()) {
      documents[*count] = hit.document - 1;
      scores[*count] = hit.score;
      ++*count;
    }
  });
}

#endif
