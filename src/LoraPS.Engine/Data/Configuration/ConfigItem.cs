namespace LoraPS.Engine.Data.Configuration;

/// <summary>A key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Place">Where the key stands.</param>
/// <param name="Value">The value.</param>
internal sealed record ConfigItem(string Key, ConfigPlace Place, ConfigValue Value);
