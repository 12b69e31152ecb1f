namespace LoraPS.Engine.Data.Configuration;

/// <summary>Keys and values in their order in the file.</summary>
/// <param name="place">Where the table begins.</param>
internal sealed class ConfigTable(ConfigPlace place)
{
    private readonly List<ConfigItem> _items = [];

    /// <summary>Where the table begins.</summary>
    public ConfigPlace Place { get; } = place;

    /// <summary>Keys and values.</summary>
    public IReadOnlyList<ConfigItem> Items => _items;

    /// <summary>The item of a key, or null.</summary>
    public ConfigItem? Find(string key) => _items.Find(item => item.Key == key);

    /// <summary>Adds a key; the language's parser has seen to it that it is new.</summary>
    public void Add(string key, ConfigPlace at, ConfigValue value) => _items.Add(new ConfigItem(key, at, value));

    /// <summary>The table of a key, or the last table of its list; a new table where the key is new.</summary>
    public ConfigTable Open(string key, ConfigPlace at)
    {
        switch (Find(key)?.Value.Content)
        {
            case ConfigTable table:
                return table;
            case List<ConfigValue> { Count: > 0 } list when list[^1].Content is ConfigTable last:
                return last;
            default:
                var created = new ConfigTable(at);
                Add(key, at, new ConfigValue(created, at, "a table"));
                return created;
        }
    }

    /// <summary>A new table at the end of a key's list.</summary>
    public ConfigTable Append(string key, ConfigPlace at)
    {
        var created = new ConfigTable(at);
        var value = new ConfigValue(created, at, "a table");
        if (Find(key)?.Value.Content is List<ConfigValue> list)
            list.Add(value);
        else
            Add(key, at, new ConfigValue(new List<ConfigValue> { value }, at, "a list of tables"));
        return created;
    }
}
