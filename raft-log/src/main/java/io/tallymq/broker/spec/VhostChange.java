package io.tallymq.broker.spec;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.List;

/**
 * What somebody says of a virtual host; null for what he says nothing of, which stays as it is.
 *
 * @param defaultQueueType empty for classic, as in {@link VhostSpec}
 */
public record VhostChange(String description, List<String> tags, String defaultQueueType, Boolean isProtected) {
    private static final int DESCRIPTION = 1;
    private static final int TAGS = 2;
    private static final int TYPE = 4;
    private static final int PROTECTION = 8;

    public VhostChange {
        tags = tags == null ? null : List.copyOf(tags);
    }

    /** Only whether it may be deleted. */
    public static VhostChange protection(boolean isProtected) {
        return new VhostChange(null, null, null, isProtected);
    }

    /** What comes of one that was so. */
    public VhostSpec of(VhostSpec was) {
        return new VhostSpec(
                description == null ? was.description() : description,
                tags == null ? was.tags() : tags,
                defaultQueueType == null ? was.defaultQueueType() : defaultQueueType,
                isProtected == null ? was.isProtected() : isProtected);
    }

    public void write(ByteWriter w) {
        w.uint8((description == null ? 0 : DESCRIPTION)
                | (tags == null ? 0 : TAGS)
                | (defaultQueueType == null ? 0 : TYPE)
                | (isProtected == null ? 0 : PROTECTION));
        if (description != null) {
            w.string(description);
        }
        if (tags != null) {
            Strings.write(w, tags);
        }
        if (defaultQueueType != null) {
            w.string(defaultQueueType);
        }
        if (isProtected != null) {
            w.bool(isProtected);
        }
    }

    public static VhostChange read(ByteReader r) {
        int said = r.uint8();
        return new VhostChange(
                (said & DESCRIPTION) == 0 ? null : r.string(),
                (said & TAGS) == 0 ? null : Strings.read(r),
                (said & TYPE) == 0 ? null : r.string(),
                (said & PROTECTION) == 0 ? null : r.bool());
    }
}
