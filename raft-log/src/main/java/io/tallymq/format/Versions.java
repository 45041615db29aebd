package io.tallymq.format;

/** All from {@code min} to {@code max}: what a program understands of something that grows, see decision 013. */
public record Versions(int min, int max) {
    public boolean include(int version) {
        return version >= min && version <= max;
    }

    /** The highest that both understand, 0 if there is none. */
    public int common(Versions other) {
        int highest = Math.min(max, other.max);
        return highest >= Math.max(min, other.min) ? highest : 0;
    }

    @Override
    public String toString() {
        return min == max ? String.valueOf(min) : min + " to " + max;
    }
}
