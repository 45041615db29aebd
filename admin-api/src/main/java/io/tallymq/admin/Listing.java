package io.tallymq.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * The query parameters of RabbitMQ's lists: {@code name} (part of the name, in any case), {@code sort} (a dotted path),
 * {@code sort_reverse}, {@code page}, {@code page_size} and {@code columns} (dotted paths, comma separated).
 *
 * @param page 1 is the first one; 0 for a plain array of everything
 */
record Listing(String name, String sort, boolean reverse, int page, int pageSize, Columns columns) {
    static final int DEFAULT_PAGE_SIZE = 100;
    static final int MAX_PAGE_SIZE = 500;
    /** Rows of an answer without pages: about 12 MB of queues. */
    static final int MAX_ROWS = 20_000;

    /** @throws RefusedException 400 for parameters that make no sense */
    static Listing of(Target target) {
        if (target.flag("use_regex")) {
            throw RefusedException.badRequest(
                    "use_regex=true is not served: name matches any part of a name, in upper and lower case");
        }
        int page = number(target, "page", 0);
        int pageSize = number(target, "page_size", DEFAULT_PAGE_SIZE);
        boolean pageZero = page == 0 && target.parameter("page").isPresent();
        if (pageZero || pageSize == 0 || pageSize > MAX_PAGE_SIZE) {
            throw RefusedException.badRequest("page begins with 1 and page_size is 1 to " + MAX_PAGE_SIZE);
        }
        return new Listing(
                target.parameter("name").orElse("").toLowerCase(Locale.ROOT),
                target.parameter("sort").orElse(""),
                target.flag("sort_reverse"),
                page,
                pageSize,
                Columns.of(target));
    }

    private static int number(Target target, String name, int absent) {
        String text = target.parameter(name).orElse("");
        if (text.isEmpty()) {
            return absent;
        }
        if (text.length() > 9 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw RefusedException.badRequest(name + " is a number, not: " + text);
        }
        return Integer.parseInt(text);
    }

    /** An item and what it is sorted by: rows of all items at a time could take more memory than the broker. */
    private record Keyed<T>(JsonNode key, T item) {}

    /**
     * The list as it was asked for. Rows are made for items that are shown or have to be compared, one at a time.
     *
     * @param items in their natural order
     * @throws RefusedException 400 for a page that is not there, or for more rows at once than {@link #MAX_ROWS}
     */
    <T> Answer render(List<T> items, Function<T, String> nameOf, Function<T, ObjectNode> rowOf) {
        List<T> kept = ordered(named(items, nameOf), rowOf);
        if (page > 0) {
            return Answer.streamed(json -> writePage(json, kept, items.size(), rowOf));
        }
        if (kept.size() > MAX_ROWS) {
            throw RefusedException.badRequest(kept.size() + " rows are too many for one answer: ask for pages with"
                    + " page=1&page_size=" + MAX_PAGE_SIZE + ", or for fewer with name=");
        }
        return Answer.streamed(json -> writeRows(json, kept, rowOf));
    }

    private <T> List<T> named(List<T> items, Function<T, String> nameOf) {
        return name.isEmpty()
                ? items
                : items.stream()
                        .filter(x -> nameOf.apply(x).toLowerCase(Locale.ROOT).contains(name))
                        .toList();
    }

    private <T> List<T> ordered(List<T> items, Function<T, ObjectNode> rowOf) {
        if (!sort.isEmpty()) {
            return sorted(items, rowOf);
        }
        if (!reverse) {
            return items;
        }
        List<T> reversed = new ArrayList<>(items);
        Collections.reverse(reversed);
        return reversed;
    }

    private <T> List<T> sorted(List<T> items, Function<T, ObjectNode> rowOf) {
        List<String> path = Columns.path(sort);
        List<Keyed<T>> keyed = new ArrayList<>(items.size());
        items.forEach(item -> keyed.add(new Keyed<>(Columns.at(rowOf.apply(item), path), item)));
        Comparator<Keyed<T>> order = Comparator.comparing(Keyed::key, Listing::compare);
        keyed.sort(reverse ? order.reversed() : order);
        List<T> sorted = new ArrayList<>(items.size());
        keyed.forEach(k -> sorted.add(k.item));
        return sorted;
    }

    private <T> void writePage(JsonGenerator json, List<T> kept, int total, Function<T, ObjectNode> rowOf)
            throws IOException {
        int pages = Math.max(1, (kept.size() + pageSize - 1) / pageSize);
        if (page > pages) {
            throw RefusedException.of(
                    400, "page_out_of_range", "page " + page + " is asked for, the last one is " + pages);
        }
        int from = (page - 1) * pageSize;
        List<T> items = kept.subList(from, Math.min(kept.size(), from + pageSize));
        json.writeStartObject();
        json.writeNumberField("filtered_count", kept.size());
        json.writeNumberField("item_count", items.size());
        json.writeFieldName("items");
        writeRows(json, items, rowOf);
        json.writeNumberField("page", page);
        json.writeNumberField("page_count", pages);
        json.writeNumberField("page_size", pageSize);
        json.writeNumberField("total_count", total);
        json.writeEndObject();
    }

    private <T> void writeRows(JsonGenerator json, List<T> items, Function<T, ObjectNode> rowOf) throws IOException {
        json.writeStartArray();
        for (T item : items) {
            json.writeTree(columns.of(rowOf.apply(item)));
        }
        json.writeEndArray();
    }

    /** What is not there first, then numbers, then texts, then the rest. */
    private static int compare(JsonNode a, JsonNode b) {
        int kind = rank(a);
        int c = Integer.compare(kind, rank(b));
        if (c != 0 || kind == 0) {
            return c;
        }
        if (kind == 1) {
            return a.isIntegralNumber() && b.isIntegralNumber()
                    ? Long.compare(a.longValue(), b.longValue())
                    : Double.compare(a.doubleValue(), b.doubleValue());
        }
        return a.asText().compareTo(b.asText());
    }

    private static int rank(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return 0;
        }
        return value.isNumber() ? 1 : value.isTextual() ? 2 : 3;
    }
}
