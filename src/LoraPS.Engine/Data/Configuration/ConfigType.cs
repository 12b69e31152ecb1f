namespace LoraPS.Engine.Data.Configuration;

/// <summary>A kind of value.</summary>
/// <typeparam name="T">What it becomes.</typeparam>
/// <param name="Expected">What an error says was expected.</param>
/// <param name="Read">The value; false when it is of another kind.</param>
internal sealed record ConfigType<T>(string Expected, ConfigType<T>.Reader Read)
{
    /// <summary>Reads the content of a value.</summary>
    public delegate bool Reader(object? content, out T value);
}
