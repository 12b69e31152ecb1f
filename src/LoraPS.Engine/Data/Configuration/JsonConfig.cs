using System.Text;
using System.Text.Json;

namespace LoraPS.Engine.Data.Configuration;

/// <summary>Reads JSON into tables that know where everything stands.</summary>
internal ref struct JsonConfig
{
    private readonly ReadOnlySpan<byte> _utf8;
    private readonly List<DatasetConfigProblem> _problems;
    private Utf8JsonReader _reader;
    private int _counted;
    private int _line = 1;
    private int _column = 1;

    private JsonConfig(ReadOnlySpan<byte> utf8, List<DatasetConfigProblem> problems)
    {
        _utf8 = utf8;
        _problems = problems;
        _reader = new Utf8JsonReader(utf8);
    }

    /// <summary>Parses a JSON document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="problems">Takes what is not JSON, and keys that stand twice.</param>
    /// <returns>The tables; null when there are problems.</returns>
    public static ConfigTable? Parse(string text, List<DatasetConfigProblem> problems)
    {
        var json = new JsonConfig(Encoding.UTF8.GetBytes(text), problems);
        try
        {
            json._reader.Read();
            var root = json.ReadValue();
            json._reader.Read();
            if (root.Content is not ConfigTable)
                problems.Add(new DatasetConfigProblem(1, 1, null, "The file must be one JSON object with the key \"datasets\"."));
            return problems.Count == 0 ? (ConfigTable)root.Content! : null;
        }
        catch (JsonException e)
        {
            problems.Add(new DatasetConfigProblem(
                (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1, null, $"This is not JSON: {e.Message.Split(" LineNumber:")[0]}"));
            return null;
        }
        catch (InvalidOperationException e)
        {
            // A text with half of a character that takes two.
            var place = json.Place();
            problems.Add(new DatasetConfigProblem(place.Line, place.Column, null, $"This is not JSON: {e.Message}"));
            return null;
        }
    }

    private ConfigValue ReadValue()
    {
        var place = Place();
        return _reader.TokenType switch
        {
            JsonTokenType.StartObject => new ConfigValue(ReadTable(place), place, "a table"),
            JsonTokenType.StartArray => new ConfigValue(ReadList(), place, "a list"),
            JsonTokenType.String => new ConfigValue(_reader.GetString(), place, $"\"{_reader.GetString()}\""),
            JsonTokenType.True or JsonTokenType.False => new ConfigValue(_reader.GetBoolean(), place, _reader.GetBoolean() ? "true" : "false"),
            JsonTokenType.Number => new ConfigValue(
                _reader.TryGetInt64(out var integer) ? (object)integer : _reader.GetDouble(), place, Encoding.UTF8.GetString(_reader.ValueSpan)),
            _ => new ConfigValue(null, place, "null"),
        };
    }

    private ConfigTable ReadTable(ConfigPlace place)
    {
        var table = new ConfigTable(place);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var (key, at) = (_reader.GetString()!, Place());
            _reader.Read();
            var value = ReadValue();
            if (table.Find(key) is { } first)
                _problems.Add(new DatasetConfigProblem(at.Line, at.Column, key, $"The key '{key}' stands twice, first in line {first.Place.Line}."));
            else
                table.Add(key, at, value);
        }

        return table;
    }

    private List<ConfigValue> ReadList()
    {
        var list = new List<ConfigValue>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            list.Add(ReadValue());
        return list;
    }

    /// <summary>Where the token begins; counted on from the last one, as files may be one long line.</summary>
    private ConfigPlace Place()
    {
        var passed = _utf8[_counted..(int)_reader.TokenStartIndex];
        _counted += passed.Length;
        if (passed.LastIndexOf((byte)'\n') is >= 0 and var lineEnd)
        {
            _line += passed.Count((byte)'\n');
            _column = 1;
            passed = passed[(lineEnd + 1)..];
        }

        _column += Encoding.UTF8.GetCharCount(passed);
        return new ConfigPlace(_line, _column);
    }
}
