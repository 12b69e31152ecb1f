namespace LoraPS.Engine.Formats;

/// <summary>Fills a block with the next bytes of something.</summary>
internal delegate void ByteSource(Span<byte> bytes);
