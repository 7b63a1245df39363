// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;

/**
 * A producer of an inbox that has claimed its slot and has not filled it, as if its thread had been
 * suspended in between. The two halves of JCTools' {@code offer}, taken apart by reflection.
 */
final class StalledProducer {

  private static final VarHandle SEQUENCE = MethodHandles.arrayElementVarHandle(long[].class);

  private final MpmcVarHandleArrayQueue<Object> queue;
  private final long claimed;

  /** Claims the next slot. */
  StalledProducer(MpmcVarHandleArrayQueue<Object> queue) throws Throwable {
    this.queue = queue;
    Class<?> owner =
        Class.forName("org.jctools.queues.varhandle.MpmcVarHandleArrayQueueProducerIndexField");
    MethodHandle cas =
        MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
            .unreflect(owner.getDeclaredMethod("casProducerIndex", long.class, long.class));
    long index;
    do {
      index = queue.currentProducerIndex();
    } while (!(boolean) cas.invoke(queue, index, index + 1));
    this.claimed = index;
  }

  /** Fills the slot, as the resumed thread would. */
  void resume(Object task) throws ReflectiveOperationException {
    Object[] slots = (Object[]) field("buffer");
    long[] sequences = (long[]) field("sequenceBuffer");
    int slot = (int) (claimed & (slots.length - 1));
    slots[slot] = task;
    SEQUENCE.setVolatile(sequences, slot, claimed + 1);
  }

  private Object field(String name) throws ReflectiveOperationException {
    for (Class<?> type = queue.getClass(); type != null; type = type.getSuperclass()) {
      for (java.lang.reflect.Field field : type.getDeclaredFields()) {
        if (field.getName().equals(name)) {
          field.setAccessible(true);
          return field.get(queue);
        }
      }
    }
    throw new NoSuchFieldException(name);
  }
}
