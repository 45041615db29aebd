package io.tallymq.admin.list;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.HeldRows;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Rows;
import io.tallymq.admin.request.Target;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The query parameters of RabbitMQ's lists: {@code name} and {@code use_regex} (see {@link NameFilter}), {@code sort} (a dotted
 * path), {@code sort_reverse}, {@code page}, {@code page_size} and {@code columns} (dotted paths, comma separated).
 *
 * @param page 1 is the first one; 0 for a plain array of everything
 */
public record Listing(Predicate<String> name, String sort, boolean reverse, int page, int pageSize, Columns columns) {
    static final int DEFAULT_PAGE_SIZE = 100;
    static final int MAX_PAGE_SIZE = 500;
    /** Characters of a text that it is sorted by. */
    static final int MAX_KEY = 255;

    /** @throws RefusedException 400 for parameters that make no sense */
    public static Listing of(Target target) {
        int page = number(target, "page", 0);
        int pageSize = number(target, "page_size", DEFAULT_PAGE_SIZE);
        boolean pageZero = page == 0 && target.parameter("page").isPresent();
        if (pageZero || pageSize == 0 || pageSize > MAX_PAGE_SIZE) {
            throw RefusedException.badRequest("page begins with 1 and page_size is 1 to " + MAX_PAGE_SIZE);
        }
        return new Listing(
                NameFilter.of(target),
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
     * A list to be answered with.
     *
     * @param items in their natural order; read once, as the client takes them if nothing has to be sorted
     * @param order what pages are in when they are not to be sorted otherwise; null for the natural order
     */
    public record Source<T>(Iterator<T> items, Function<T, String> nameOf, RowMaker<T> rowOf, Comparator<T> order) {
        public static <T> Source<T> of(Iterator<T> items, Function<T, String> nameOf, RowMaker<T> rowOf) {
            return new Source<>(items, nameOf, rowOf, null);
        }
    }

    /** What was found, and out of how many. */
    private record Found<T>(List<T> items, int filtered, int total) {}

    /**
     * The list as it was asked for. Rows are made for items that are shown or have to be compared, one at a time.
     *
     * @param held counts what is in memory because it is sorted
     * @throws RefusedException 400 for a page that is not there, 503 when too much is being sorted
     */
    public <T> Answer render(Source<T> source, HeldRows held) {
        if (page > 0) {
            return page(source, held);
        }
        Function<T, ObjectNode> shown = shown(source);
        Iterator<T> named = Rows.filtered(source.items, item -> name.test(source.nameOf.apply(item)));
        if (sort.isEmpty() && !reverse) {
            return Answer.streamed(new JsonArrayPieces<>(named, shown, () -> {}));
        }
        Collected<T> all = collect(named, held);
        try {
            order(all.items, source);
        } catch (RuntimeException | Error e) {
            all.release();
            throw e;
        }
        return Answer.streamed(new JsonArrayPieces<>(all.items.iterator(), shown, all::release));
    }

    private <T> Function<T, ObjectNode> shown(Source<T> source) {
        if (columns.isAll()) {
            return source.rowOf::row;
        }
        Set<String> fields = columns.fields();
        return item -> columns.of(source.rowOf.part(item, fields));
    }

    private <T> Answer page(Source<T> source, HeldRows held) {
        Found<T> found = sort.isEmpty() && !reverse && source.order == null ? passing(source) : sorted(source, held);
        int pages = Math.max(1, (found.filtered + pageSize - 1) / pageSize);
        if (page > pages) {
            throw RefusedException.of(
                    400, "page_out_of_range", "page " + page + " is asked for, the last one is " + pages);
        }
        ObjectNode answer = Json.object().put("filtered_count", found.filtered).put("item_count", found.items.size());
        ArrayNode rows = answer.putArray("items");
        Function<T, ObjectNode> shown = shown(source);
        found.items.forEach(item -> rows.add(shown.apply(item)));
        answer.put("page", page)
                .put("page_count", pages)
                .put("page_size", pageSize)
                .put("total_count", found.total);
        return Answer.ok(answer);
    }

    private int from() {
        return Math.multiplyExact(Math.min(page - 1, Integer.MAX_VALUE / MAX_PAGE_SIZE), pageSize);
    }

    /** A page of what comes in its order: the others are counted only. */
    private <T> Found<T> passing(Source<T> source) {
        List<T> items = new ArrayList<>();
        int filtered = 0;
        int total = 0;
        while (source.items.hasNext()) {
            T item = source.items.next();
            total++;
            if (name.test(source.nameOf.apply(item))) {
                if (filtered >= from() && items.size() < pageSize) {
                    items.add(item);
                }
                filtered++;
            }
        }
        return new Found<>(items, filtered, total);
    }

    private <T> Found<T> sorted(Source<T> source, HeldRows held) {
        int[] total = new int[1];
        Collected<T> all = collect(
                Rows.filtered(source.items, item -> {
                    total[0]++;
                    return name.test(source.nameOf.apply(item));
                }),
                held);
        try {
            order(all.items, source);
            int size = all.items.size();
            int from = Math.min(size, from());
            return new Found<>(List.copyOf(all.items.subList(from, Math.min(size, from + pageSize))), size, total[0]);
        } finally {
            all.release();
        }
    }

    /** Items that are in memory together. */
    private record Collected<T>(List<T> items, HeldRows held) {
        void release() {
            held.remove(items.size());
        }
    }

    private static <T> Collected<T> collect(Iterator<T> items, HeldRows held) {
        Collected<T> all = new Collected<>(new ArrayList<>(), held);
        try {
            while (items.hasNext()) {
                T item = items.next();
                held.add(1);
                all.items.add(item);
            }
        } catch (RuntimeException | Error e) {
            all.release();
            throw e;
        }
        return all;
    }

    private <T> void order(List<T> items, Source<T> source) {
        if (!sort.isEmpty()) {
            sort(items, source.rowOf);
            return;
        }
        if (source.order != null) {
            items.sort(source.order);
        }
        if (reverse) {
            Collections.reverse(items);
        }
    }

    private <T> void sort(List<T> items, RowMaker<T> rowOf) {
        List<String> path = Columns.path(sort);
        Set<String> field = Set.of(path.get(0));
        List<Keyed<T>> keyed = new ArrayList<>(items.size());
        items.forEach(item -> keyed.add(new Keyed<>(key(Columns.at(rowOf.part(item, field), path)), item)));
        Comparator<Keyed<T>> order = Comparator.comparing(Keyed::key, Listing::compare);
        keyed.sort(reverse ? order.reversed() : order);
        for (int i = 0; i < keyed.size(); i++) {
            items.set(i, keyed.get(i).item);
        }
    }

    /** All of them are in memory together. Objects and lists have no order. */
    private static JsonNode key(JsonNode value) {
        if (!value.isValueNode() || value.isNumber() && !Double.isFinite(value.doubleValue())) {
            return MissingNode.getInstance();
        }
        return value.isTextual() && value.textValue().length() > MAX_KEY
                ? TextNode.valueOf(value.textValue().substring(0, MAX_KEY))
                : value;
    }

    /** What is not there first, then numbers, then texts, then the rest. */
    private static int compare(JsonNode a, JsonNode b) {
        int kind = rank(a);
        int c = Integer.compare(kind, rank(b));
        if (c != 0 || kind == 0) {
            return c;
        }
        if (kind == 1) {
            return compareNumbers(a, b);
        }
        return a.asText().compareTo(b.asText());
    }

    /** By what they are: of an integer that is rounded two that differ would be the same as a third, which is no order. */
    private static int compareNumbers(JsonNode a, JsonNode b) {
        if (a.isIntegralNumber() && b.isIntegralNumber()) {
            return Long.compare(a.longValue(), b.longValue());
        }
        return a.isIntegralNumber() || b.isIntegralNumber()
                ? exactly(a).compareTo(exactly(b))
                : Double.compare(a.doubleValue() + 0.0, b.doubleValue() + 0.0); // there is no -0.0 among integers
    }

    private static BigDecimal exactly(JsonNode number) {
        return number.isIntegralNumber()
                ? BigDecimal.valueOf(number.longValue())
                : new BigDecimal(number.doubleValue());
    }

    private static int rank(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return 0;
        }
        return value.isNumber() ? 1 : value.isTextual() ? 2 : 3;
    }
}
