namespace LoraPS.Engine.Formats;

/// <summary>Where a result goes.</summary>
public static class Destination
{
    /// <summary>Refuses a place that is taken, an input of the same work among them, unless it may be replaced.</summary>
    /// <param name="path">The destination.</param>
    /// <param name="force">True when what is there may be replaced.</param>
    /// <exception cref="DestinationExistsException">Something is there and <paramref name="force"/> is false.</exception>
    public static void Check(string path, bool force)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!force && Path.Exists(path))
            throw new DestinationExistsException(Path.GetFullPath(path));
    }
}
