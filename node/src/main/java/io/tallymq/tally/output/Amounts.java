package io.tallymq.tally.output;

import java.util.Locale;

/** Sizes, times and rates as people read them. */
public final class Amounts {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private Amounts() {}

    public static String bytes(long bytes) {
        double amount = bytes;
        int unit = 0;
        while (amount >= 1024 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 || amount >= 100 ? "%.0f %s" : "%.1f %s", amount, UNITS[unit]);
    }

    public static String time(long milliseconds) {
        if (milliseconds < MINUTE) {
            return milliseconds / SECOND + " s";
        } else if (milliseconds < HOUR) {
            return milliseconds / MINUTE + " min " + milliseconds % MINUTE / SECOND + " s";
        } else if (milliseconds < DAY) {
            return milliseconds / HOUR + " h " + milliseconds % HOUR / MINUTE + " min";
        }
        return milliseconds / DAY + " d " + milliseconds % DAY / HOUR + " h";
    }

    public static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond > 0 && perSecond < 10 ? "%.1f/s" : "%.0f/s", perSecond);
    }

    /** "1 queue", "2 queues". */
    public static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
