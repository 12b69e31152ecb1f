namespace LoraPS.Engine.Formats;

/// <summary>Takes the next bytes of something that is handed on in blocks.</summary>
internal delegate void ByteSink(ReadOnlySpan<byte> bytes);
