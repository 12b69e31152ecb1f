using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace LoraPS.Engine.Runtime;

/// <summary>The same work for items one after the other, on a thread of its own, a little ahead of whoever uses the results.</summary>
/// <remarks>
/// One result lies ready and one is in the making, so memory is bounded. What the work throws is thrown where its result
/// would have come, and the next item is worked on all the same. The thread is a single one under <see cref="OneThread"/>,
/// and a result holds no tensor, see <see cref="TensorCopy"/>.
/// </remarks>
/// <typeparam name="TItem">What is worked on.</typeparam>
/// <typeparam name="TResult">What comes of it.</typeparam>
internal sealed class WorkAhead<TItem, TResult> : IDisposable
{
    private readonly IEnumerator<TItem> _items;
    private readonly Func<TItem, TResult> _work;
    private readonly BlockingCollection<(TResult? Result, ExceptionDispatchInfo? Error)> _ready = new(boundedCapacity: 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread? _worker;

    /// <summary>Begins with the first item at once.</summary>
    /// <param name="items">What to work on; asked for on the same thread as the work is done.</param>
    /// <param name="work">The work.</param>
    /// <param name="onOwnThread">False does the work when its result is asked for, on the thread that asks.</param>
    public WorkAhead(IEnumerable<TItem> items, Func<TItem, TResult> work, bool onOwnThread = true)
    {
        (_items, _work) = (items.GetEnumerator(), work);
        if (!onOwnThread)
            return;
        _worker = new Thread(WorkOnAll) { IsBackground = true, Name = "LoraPS work ahead" };
        _worker.Start();
    }

    /// <summary>The next item's result; waits until it is there.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">There are no more items.</exception>
    public TResult Next(CancellationToken cancellationToken = default)
    {
        var (result, error) = _worker is not null ? _ready.Take(cancellationToken)
            : Work() ?? throw new InvalidOperationException("There are no more items.");
        error?.Throw();
        return result!;
    }

    /// <summary>Lets the thread finish what it is working on and end.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _worker?.Join();
        _items.Dispose();
        _ready.Dispose();
        _stop.Dispose();
    }

    private void WorkOnAll()
    {
        using var alone = OneThread.Begin();
        try
        {
            while (!_stop.IsCancellationRequested && Work() is { } made)
                _ready.Add(made, _stop.Token);
            _ready.CompleteAdding();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody wants the result any more.
        }
    }

    /// <summary>Null where there are no more items.</summary>
    private (TResult? Result, ExceptionDispatchInfo? Error)? Work()
    {
        try
        {
            return _items.MoveNext() ? (_work(_items.Current), null) : null;
        }
        catch (Exception e)
        {
            return (default, ExceptionDispatchInfo.Capture(e));
        }
    }
}
