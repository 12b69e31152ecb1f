namespace LoraPS.Engine.Formats;

/// <summary>SHA-256 of files, computed on a thread of its own while other work goes on.</summary>
/// <remarks>One file after the other, so that no more than one core is taken from that work.</remarks>
internal sealed class FileHashes : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<Dictionary<string, string>> _work;

    /// <summary>Starts at once.</summary>
    /// <param name="paths">The files; a path may occur twice.</param>
    public FileHashes(IEnumerable<string> paths)
    {
        var distinct = paths.Distinct(StringComparer.Ordinal).ToList();
        var token = _stop.Token;
        _work = Task.Factory.StartNew(
            () => distinct.ToDictionary(path => path, path => ModelHashes.Sha256(path, token), StringComparer.Ordinal),
            token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits for all hashes.</summary>
    /// <returns>64 lower-case hexadecimal digits by path.</returns>
    /// <exception cref="UnreadableFileException">A file cannot be read.</exception>
    public IReadOnlyDictionary<string, string> Wait(CancellationToken cancellationToken) =>
        _work.WaitAsync(cancellationToken).GetAwaiter().GetResult();

    /// <summary>Stops the thread and waits until it lets go of the files.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        ((IAsyncResult)_work).AsyncWaitHandle.WaitOne();
        _stop.Dispose();
    }
}
