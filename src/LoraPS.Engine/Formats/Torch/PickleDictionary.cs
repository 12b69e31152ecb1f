namespace LoraPS.Engine.Formats.Torch;

/// <summary>A dictionary of a pickle, ordered or not; keys may be anything and may repeat.</summary>
internal sealed class PickleDictionary : List<(object? Key, object? Value)>
{
    /// <summary>The last value of a text key, or null.</summary>
    public object? Find(string key) => this.LastOrDefault(entry => entry.Key is string text && text == key).Value;
}
