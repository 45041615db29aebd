package io.tallymq.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

    /**
     * The list as it was asked for. Rows are made only for items that are shown, or that have to be compared.
     *
     * @param items in their natural order
     */
    <T> JsonNode render(List<T> items, Function<T, String> nameOf, Function<T, ObjectNode> rowOf) {
        List<T> kept = new ArrayList<>(items);
        if (!name.isEmpty()) {
            kept.removeIf(x -> !nameOf.apply(x).toLowerCase(Locale.ROOT).contains(name));
        }
        if (sort.isEmpty()) {
            if (reverse) {
                Collections.reverse(kept);
            }
            return shown(kept, items.size(), rowOf);
        }
        List<ObjectNode> rows = new ArrayList<>(kept.size());
        kept.forEach(x -> rows.add(rowOf.apply(x)));
        List<String> path = Columns.path(sort);
        Comparator<ObjectNode> order = Comparator.comparing(row -> Columns.at(row, path), Listing::compare);
        rows.sort(reverse ? order.reversed() : order);
        return shown(rows, items.size(), row -> row);
    }

    private <T> JsonNode shown(List<T> kept, int total, Function<T, ObjectNode> rowOf) {
        if (page == 0) {
            return rows(kept, rowOf);
        }
        int pages = Math.max(1, (kept.size() + pageSize - 1) / pageSize);
        if (page > pages) {
            throw RefusedException.of(
                    400, "page_out_of_range", "page " + page + " is asked for, the last one is " + pages);
        }
        int from = (page - 1) * pageSize;
        List<T> items = kept.subList(from, Math.min(kept.size(), from + pageSize));
        ObjectNode node = Json.object()
                .put("filtered_count", kept.size())
                .put("item_count", items.size())
                .put("page", page)
                .put("page_count", pages)
                .put("page_size", pageSize)
                .put("total_count", total);
        node.set("items", rows(items, rowOf));
        return node;
    }

    private <T> ArrayNode rows(List<T> items, Function<T, ObjectNode> rowOf) {
        ArrayNode rows = Json.array();
        items.forEach(x -> rows.add(columns.of(rowOf.apply(x))));
        return rows;
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
