package io.tallymq.admin.stats;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * What some figures were at the last samples. A reader who asks for it by an age and a distance in seconds, as RabbitMQ's API has it, gets what they were at
 * even times, the newest first, beside each rate. Kept as long as samples are taken, and {@value #MOST} of them at most. Guarded by itself.
 */
public final class History {
    /** Samples that are kept: ten minutes' at one in five seconds. */
    public static final int MOST = 120;

    private static final String DETAILS = "_details";
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Of one moment of the monotonic clock. */
    private record Point(long nanos, ObjectNode figures) {}

    private final Deque<Point> points = new ArrayDeque<>();

    /**
     * A sample was taken.
     *
     * @param figures by name; not to be changed afterwards
     */
    public synchronized void add(long nanos, ObjectNode figures) {
        if (points.size() == MOST) {
            points.removeLast();
        }
        points.addFirst(new Point(nanos, figures));
    }

    /** Nobody looks any more. */
    public synchronized void clear() {
        points.clear();
    }

    /**
     * What is asked for.
     *
     * @param age seconds that it reaches back
     * @param step seconds between two
     * @param nanos the monotonic clock now
     * @param millis the time of day now
     */
    public record Wish(long age, long step, long nanos, long millis) {
        /**
         * Null for nothing.
         *
         * @param what RabbitMQ's prefix of the two parameters
         * @throws RefusedException 400 for what is no number
         */
        public static Wish of(Target target, String what, long nanos, long millis) {
            long age = number(target, what + "_age");
            long step = number(target, what + "_incr");
            return age == 0 || step == 0 ? null : new Wish(age, step, nanos, millis);
        }

        private static long number(Target target, String name) {
            String text = target.parameter(name).orElse("0");
            if (!text.matches("[0-9]{1,9}")) {
                throw RefusedException.badRequest(name + ": seconds expected, a whole number");
            }
            return Long.parseLong(text);
        }
    }

    /** Adds to each of the figures that has a rate what it was before. */
    public void tell(ObjectNode figures, Wish wish) {
        List<Point> chosen = chosen(wish);
        for (Iterator<String> names = figures.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (name.endsWith(DETAILS)) {
                String of = name.substring(0, name.length() - DETAILS.length());
                tell((ObjectNode) figures.get(name), of, chosen, wish);
            }
        }
    }

    private static void tell(ObjectNode details, String name, List<Point> chosen, Wish wish) {
        ArrayNode samples = details.putArray("samples");
        long sum = 0;
        Point first = null;
        Point last = null;
        for (Point point : chosen) {
            JsonNode value = point.figures.get(name);
            if (value != null) {
                long age = (wish.nanos - point.nanos) / NANOS_PER_MILLI;
                samples.addObject().put("sample", value.asLong()).put("timestamp", wish.millis - age);
                sum += value.asLong();
                last = last == null ? point : last;
                first = point;
            }
        }
        if (first != last) {
            long more =
                    last.figures.get(name).asLong() - first.figures.get(name).asLong();
            details.put("avg_rate", rounded(more * NANOS_PER_SECOND / (last.nanos - first.nanos)));
            details.put("avg", rounded((double) sum / samples.size()));
        }
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }

    /** The last of each step. */
    private synchronized List<Point> chosen(Wish wish) {
        List<Point> chosen = new ArrayList<>();
        long step = -1;
        for (Point point : points) {
            long age = (long) ((wish.nanos - point.nanos) / NANOS_PER_SECOND);
            if (age > wish.age) {
                break;
            }
            if (age / wish.step > step) {
                step = age / wish.step;
                chosen.add(point);
            }
        }
        return chosen;
    }
}
