namespace LoraPS.Engine.Formats;

/// <summary>Where a result goes.</summary>
public static class Destination
{
    private static readonly string[] PickleExtensions = [".ckpt", ".pt", ".pth", ".bin", ".pkl"];

    /// <summary>Refuses a place that is taken, an input of the same work among them, unless it may be replaced.</summary>
    /// <param name="path">The destination.</param>
    /// <param name="force">True when what is there may be replaced.</param>
    /// <exception cref="DestinationExistsException">Something is there and <paramref name="force"/> is false.</exception>
    /// <exception cref="DestinationFormatException">It has the name of a pickle, which is never written.</exception>
    public static void Check(string path, bool force)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (PickleExtensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            throw new DestinationFormatException(Path.GetFullPath(path));
        if (!force && Path.Exists(path))
            throw new DestinationExistsException(Path.GetFullPath(path));
    }

    /// <summary>Keeps a place for one run until the result is disposed of, after <see cref="Check"/>.</summary>
    /// <inheritdoc cref="Check"/>
    /// <exception cref="DestinationInUseException">Another run is writing it.</exception>
    /// <exception cref="WriteFailedException">Nothing can be written there.</exception>
    internal static OutputLock Claim(string path, bool force)
    {
        // First without a trace, so that a refusal makes no folder; then again, as another run may just have ended.
        Check(path, force);
        var claim = OutputLock.Take(path);
        try
        {
            Check(path, force);
            return claim;
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <summary>Keeps several places.</summary>
    /// <inheritdoc cref="Claim"/>
    internal static IDisposable ClaimAll(IEnumerable<string> paths, bool force)
    {
        var claims = new ClaimedPlaces();
        try
        {
            foreach (var path in paths)
                claims.Add(Claim(path, force));
            return claims;
        }
        catch
        {
            claims.Dispose();
            throw;
        }
    }

    private sealed class ClaimedPlaces : List<OutputLock>, IDisposable
    {
        public void Dispose() => ForEach(claim => claim.Dispose());
    }
}
