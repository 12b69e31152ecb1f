namespace LoraPS.Engine.Lora;

/// <summary>Changes to what a LoRA file says of itself. Removing comes first.</summary>
public sealed record LoraMetadataEdit
{
    /// <summary>Values by key; other keys stay. New ones go to the end.</summary>
    public IReadOnlyDictionary<string, string> Set { get; init; } = new Dictionary<string, string>();

    /// <summary>Keys to leave out; those that are not there are passed over. <c>*</c> and <c>?</c> stand for any text and any character.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];

    /// <summary>Replace a file at the destination, even the one that is read.</summary>
    public bool Overwrite { get; init; }
}
