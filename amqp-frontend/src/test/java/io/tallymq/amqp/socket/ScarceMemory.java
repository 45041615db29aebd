package io.tallymq.amqp.socket;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Memory for what goes to clients, of which there may be none just now. */
public final class ScarceMemory extends AbstractByteBufAllocator {
    private static final UnpooledByteBufAllocator PLENTY = UnpooledByteBufAllocator.DEFAULT;

    private volatile boolean out;

    /** From here on there is none, or there is some again. */
    public void out(boolean is) {
        out = is;
    }

    @Override
    protected ByteBuf newHeapBuffer(int size, int most) {
        return PLENTY.heapBuffer(size, most);
    }

    @Override
    protected ByteBuf newDirectBuffer(int size, int most) {
        if (out) {
            throw new OutOfMemoryError("no memory for sockets");
        }
        return PLENTY.directBuffer(size, most);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
